-- Deletes the rows that are stored under an array of ids.
DELETE FROM departments
WHERE id = ANY(%(ids)s::bigint[])
