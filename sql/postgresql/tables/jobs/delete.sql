-- Deletes the rows of ids, an array.
DELETE FROM jobs
WHERE id = ANY(%(ids)s::bigint[])
