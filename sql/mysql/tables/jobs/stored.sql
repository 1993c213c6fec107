-- The rows that are stored under the ids of a batch, a JSON array.
SELECT
    jobs.id,
    jobs.job
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
JOIN jobs ON jobs.id = batch.id
