-- One problem of one column of hired_employees, with the number of rows that have it: missing is an empty field,
-- unknown an id that no row of departments or jobs has.
WITH counts AS (
    SELECT
        count(*) FILTER (WHERE hired_employees.name IS NULL) AS name_missing,
        count(*) FILTER (WHERE hired_employees.datetime IS NULL) AS datetime_missing,
        count(*) FILTER (WHERE hired_employees.department_id IS NULL) AS department_missing,
        count(*) FILTER (WHERE hired_employees.job_id IS NULL) AS job_missing,
        count(hired_employees.department_id) - count(departments.id) AS department_unknown,
        count(hired_employees.job_id) - count(jobs.id) AS job_unknown
    FROM hired_employees
    LEFT JOIN departments ON departments.id = hired_employees.department_id
    LEFT JOIN jobs ON jobs.id = hired_employees.job_id
),
problems (place, "column", problem) AS (
    SELECT 1, 'name', 'missing'
    UNION ALL
    SELECT 2, 'datetime', 'missing'
    UNION ALL
    SELECT 3, 'department_id', 'missing'
    UNION ALL
    SELECT 4, 'department_id', 'unknown'
    UNION ALL
    SELECT 5, 'job_id', 'missing'
    UNION ALL
    SELECT 6, 'job_id', 'unknown'
)
SELECT
    'hired_employees' AS "table",
    "column",
    problem,
    CASE place
        WHEN 1 THEN name_missing
        WHEN 2 THEN datetime_missing
        WHEN 3 THEN department_missing
        WHEN 4 THEN department_unknown
        WHEN 5 THEN job_missing
        WHEN 6 THEN job_unknown
    END AS rows
FROM problems
CROSS JOIN counts
ORDER BY place
