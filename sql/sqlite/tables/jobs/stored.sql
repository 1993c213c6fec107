-- The rows that are stored under the ids of a batch, a JSON array.
SELECT
    id,
    job
FROM jobs
WHERE id IN (SELECT value FROM json_each(:ids))
