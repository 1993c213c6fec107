-- The next rows by id, from the id first on to the id last.
SELECT
    id,
    name,
    datetime,
    department_id,
    job_id
FROM hired_employees
WHERE id BETWEEN %(first)s AND %(last)s
ORDER BY id
LIMIT %(rows)s
