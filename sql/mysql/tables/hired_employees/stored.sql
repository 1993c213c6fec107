-- The rows that are stored under the ids of a batch, a JSON array.
SELECT
    hired_employees.id,
    hired_employees.name,
    hired_employees.datetime,
    hired_employees.department_id,
    hired_employees.job_id
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
JOIN hired_employees ON hired_employees.id = batch.id
