-- Deletes the rows that are stored under an array of ids.
DELETE FROM jobs
WHERE id = ANY(%(ids)s::bigint[])
