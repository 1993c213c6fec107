-- The rows that are stored under the ids of a batch, an array.
SELECT
    id,
    job
FROM jobs
WHERE id = ANY(%(ids)s::bigint[])
