-- Deletes the rows of ids, a JSON array.
DELETE jobs
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
STRAIGHT_JOIN jobs FORCE INDEX (PRIMARY) ON jobs.id = batch.id
