-- The next rows by id, from the id first on.
SELECT
    id,
    name,
    datetime,
    department_id,
    job_id
FROM hired_employees
WHERE id >= %(first)s
ORDER BY id
LIMIT %(rows)s
