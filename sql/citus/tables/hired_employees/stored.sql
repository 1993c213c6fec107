-- The rows that are stored under the ids of a batch, an array.
SELECT
    id,
    name,
    datetime,
    department_id,
    job_id
FROM hired_employees
WHERE id = ANY(%(ids)s::bigint[])
