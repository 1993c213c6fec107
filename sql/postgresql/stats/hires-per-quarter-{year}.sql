-- One department name and one job name that had hires together in the year, with their number in each quarter.
-- :year integer = 2021
WITH hires AS (
    SELECT
        department_id,
        job_id,
        extract(quarter FROM datetime AT TIME ZONE 'UTC') AS quarter
    FROM hired_employees
    WHERE extract(year FROM datetime AT TIME ZONE 'UTC') = %(year)s
),
counts AS (
    SELECT
        department_id,
        job_id,
        count(*) FILTER (WHERE quarter = 1) AS "Q1",
        count(*) FILTER (WHERE quarter = 2) AS "Q2",
        count(*) FILTER (WHERE quarter = 3) AS "Q3",
        count(*) FILTER (WHERE quarter = 4) AS "Q4"
    FROM hires
    -- Before the joins: to group each hire by its names would take several times as long.
    GROUP BY department_id, job_id
)
SELECT
    departments.department,
    jobs.job,
    sum("Q1") AS "Q1",
    sum("Q2") AS "Q2",
    sum("Q3") AS "Q3",
    sum("Q4") AS "Q4"
FROM counts
JOIN departments ON departments.id = counts.department_id
JOIN jobs ON jobs.id = counts.job_id
GROUP BY departments.department, jobs.job
ORDER BY department, job
