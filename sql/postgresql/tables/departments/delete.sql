-- Deletes the rows of ids, an array.
DELETE FROM departments
WHERE id = ANY(%(ids)s::bigint[])
