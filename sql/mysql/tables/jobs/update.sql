-- Changes stored rows to those of a JSON array, each of them an array in the order of the columns.
UPDATE JSON_TABLE(
    %(rows)s, '$[*]' COLUMNS (
        id BIGINT PATH '$[0]',
        job VARCHAR(1000) CHARACTER SET utf8mb4 PATH '$[1]'
    )
) AS batch
STRAIGHT_JOIN jobs FORCE INDEX (PRIMARY) ON jobs.id = batch.id
SET jobs.job = batch.job
