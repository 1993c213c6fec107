-- One department name and one job name that had hires together in the year, with their number in each quarter.
-- :year integer = 2021
WITH hires AS (
    SELECT
        departments.department,
        jobs.job,
        extract(quarter FROM hired_employees.datetime AT TIME ZONE 'UTC') AS quarter
    FROM hired_employees
    JOIN departments ON departments.id = hired_employees.department_id
    JOIN jobs ON jobs.id = hired_employees.job_id
    WHERE extract(year FROM hired_employees.datetime AT TIME ZONE 'UTC') = %(year)s
)
SELECT
    department,
    job,
    count(*) FILTER (WHERE quarter = 1) AS "Q1",
    count(*) FILTER (WHERE quarter = 2) AS "Q2",
    count(*) FILTER (WHERE quarter = 3) AS "Q3",
    count(*) FILTER (WHERE quarter = 4) AS "Q4"
FROM hires
GROUP BY department, job
ORDER BY department, job
