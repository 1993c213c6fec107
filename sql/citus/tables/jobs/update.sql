-- Changes stored rows to those of a JSON array, each of them an array in the order of the columns.
-- OFFSET keeps the values apart: workers are sent them as they are, not what they are made of.
UPDATE jobs
SET job = batch.job
FROM (
    SELECT
        (row ->> 0)::bigint AS id,
        row ->> 1 AS job
    FROM json_array_elements(%(rows)s::json) AS batch (row)
    OFFSET 0
) AS batch
WHERE jobs.id = batch.id
