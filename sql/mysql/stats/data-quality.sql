-- One problem of one column of hired_employees, with the number of rows that have it: missing is an empty field,
-- unknown an id that no row of departments or jobs has.
WITH counts AS (
    SELECT
        count(*) - count(hired_employees.name) AS name_missing,
        count(*) - count(hired_employees.datetime) AS datetime_missing,
        count(*) - count(hired_employees.department_id) AS department_missing,
        count(*) - count(hired_employees.job_id) AS job_missing,
        count(hired_employees.department_id) - count(departments.id) AS department_unknown,
        count(hired_employees.job_id) - count(jobs.id) AS job_unknown
    FROM hired_employees
    LEFT JOIN departments ON departments.id = hired_employees.department_id
    LEFT JOIN jobs ON jobs.id = hired_employees.job_id
),
problems (place, "column", problem, "rows") AS (
    SELECT 1, 'name', 'missing', name_missing FROM counts
    UNION ALL
    SELECT 2, 'datetime', 'missing', datetime_missing FROM counts
    UNION ALL
    SELECT 3, 'department_id', 'missing', department_missing FROM counts
    UNION ALL
    SELECT 4, 'department_id', 'unknown', department_unknown FROM counts
    UNION ALL
    SELECT 5, 'job_id', 'missing', job_missing FROM counts
    UNION ALL
    SELECT 6, 'job_id', 'unknown', job_unknown FROM counts
)
SELECT
    'hired_employees' AS "table",
    "column",
    problem,
    "rows"
FROM problems
ORDER BY place
