-- Changes stored rows to those of a JSON array, each of them an array in the order of the columns.
UPDATE hired_employees
SET name = batch.row ->> 1,
    datetime = (batch.row ->> 2)::timestamptz,
    department_id = (batch.row ->> 3)::bigint,
    job_id = (batch.row ->> 4)::bigint
FROM json_array_elements(%(rows)s::json) AS batch (row)
WHERE hired_employees.id = (batch.row ->> 0)::bigint
