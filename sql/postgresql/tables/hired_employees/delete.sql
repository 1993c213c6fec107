-- Deletes the rows that are stored under an array of ids.
DELETE FROM hired_employees
WHERE id = ANY(%(ids)s::bigint[])
