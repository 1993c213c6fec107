-- The rows that are stored under the ids of a batch, a JSON array.
SELECT
    id,
    name,
    datetime,
    department_id,
    job_id
FROM hired_employees
WHERE id IN (SELECT value FROM json_each(:ids))
