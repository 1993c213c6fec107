-- One department name and one job name that had hires together in the year, with their number in each quarter.
-- :year integer = 2021
WITH hires AS (
    SELECT
        department_id,
        job_id,
        quarter(datetime) AS quarter
    FROM hired_employees
    WHERE year(datetime) = %(year)s
),
counts AS (
    SELECT
        department_id,
        job_id,
        count(CASE WHEN quarter = 1 THEN 1 END) AS Q1,
        count(CASE WHEN quarter = 2 THEN 1 END) AS Q2,
        count(CASE WHEN quarter = 3 THEN 1 END) AS Q3,
        count(CASE WHEN quarter = 4 THEN 1 END) AS Q4
    FROM hires
    -- Before the joins: to group each hire by its names would take several times as long.
    GROUP BY department_id, job_id
)
SELECT
    departments.department,
    jobs.job,
    sum(Q1) AS Q1,
    sum(Q2) AS Q2,
    sum(Q3) AS Q3,
    sum(Q4) AS Q4
FROM counts
JOIN departments ON departments.id = counts.department_id
JOIN jobs ON jobs.id = counts.job_id
GROUP BY departments.department, jobs.job
-- utf8mb4_bin compares texts as if blanks followed them; as bytes they sort by code point.
ORDER BY CAST(department AS BINARY), CAST(job AS BINARY)
