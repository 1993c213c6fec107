-- One department name and one job name that had hires together in the year, with their number in each quarter.
-- :year integer = 2021
WITH hires AS (
    SELECT
        department_id,
        job_id,
        extract(quarter FROM datetime AT TIME ZONE 'UTC') AS quarter
    FROM hired_employees
    -- As a range, of which a worker can tell how many hires it has, so that it does not sort them to count them.
    WHERE datetime >= make_timestamptz(least(greatest(%(year)s::bigint, 1), 9999)::int, 1, 1, 0, 0, 0, 'UTC')
      AND datetime < make_timestamptz(least(greatest(%(year)s::bigint, 1), 9999)::int + 1, 1, 1, 0, 0, 0, 'UTC')
      AND %(year)s::bigint BETWEEN 1 AND 9999
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
