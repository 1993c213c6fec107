-- Changes stored rows to those of a JSON array, each of them an array in the order of the columns.
UPDATE JSON_TABLE(
    %(rows)s, '$[*]' COLUMNS (
        id BIGINT PATH '$[0]',
        name VARCHAR(1000) CHARACTER SET utf8mb4 PATH '$[1]',
        datetime VARCHAR(32) PATH '$[2]',
        department_id BIGINT PATH '$[3]',
        job_id BIGINT PATH '$[4]'
    )
) AS batch
STRAIGHT_JOIN hired_employees FORCE INDEX (PRIMARY) ON hired_employees.id = batch.id
SET hired_employees.name = batch.name,
    hired_employees.datetime = CAST(TRIM(TRAILING 'Z' FROM batch.datetime) AS DATETIME(6)),
    hired_employees.department_id = batch.department_id,
    hired_employees.job_id = batch.job_id
