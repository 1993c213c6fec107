-- One problem of one column of hired_employees, with the number of rows that have it: missing is an empty field,
-- unknown an id that no row of departments or jobs has.
WITH counts AS (
    SELECT
        count(*) - count(hired_employees.name) AS name_missing,
        count(*) - count(hired_employees.datetime) AS datetime_missing,
        count(*) - count(hired_employees.department_id) AS department_missing,
        count(*) - count(hired_employees.job_id) AS job_missing,
        -- IN makes a list of the ids once; a join would go through the index for each hire, in twice the time.
        count(hired_employees.department_id)
        - count(CASE WHEN hired_employees.department_id IN (SELECT id FROM departments) THEN 1 END) AS department_unknown,
        count(hired_employees.job_id)
        - count(CASE WHEN hired_employees.job_id IN (SELECT id FROM jobs) THEN 1 END) AS job_unknown
    FROM hired_employees
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
    END AS "rows"
-- MariaDB computes counts anew in each place where it stands.
FROM problems
CROSS JOIN counts
ORDER BY place
