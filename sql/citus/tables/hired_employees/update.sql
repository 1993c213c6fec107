-- Changes stored rows to those of a JSON array, each of them an array in the order of the columns.
-- OFFSET keeps the values apart: workers are sent them as they are, not what they are made of.
UPDATE hired_employees
SET name = batch.name,
    datetime = batch.datetime,
    department_id = batch.department_id,
    job_id = batch.job_id
FROM (
    SELECT
        (row ->> 0)::bigint AS id,
        row ->> 1 AS name,
        (row ->> 2)::timestamptz AS datetime,
        (row ->> 3)::bigint AS department_id,
        (row ->> 4)::bigint AS job_id
    FROM json_array_elements(%(rows)s::json) AS batch (row)
    OFFSET 0
) AS batch
WHERE hired_employees.id = batch.id
