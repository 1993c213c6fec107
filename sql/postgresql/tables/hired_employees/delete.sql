-- Deletes the rows of ids, an array.
DELETE FROM hired_employees
WHERE id = ANY(%(ids)s::bigint[])
