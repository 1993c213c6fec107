-- Deletes the rows that are stored under a JSON array of ids. The hints make it look each id up.
DELETE jobs
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
STRAIGHT_JOIN jobs FORCE INDEX (PRIMARY) ON jobs.id = batch.id
