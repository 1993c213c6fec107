-- One department name and one job name that had hires together in the year, with their number in each quarter.
-- :year integer = 2021
WITH hires AS (
    SELECT
        departments.department,
        jobs.job,
        quarter(hired_employees.datetime) AS quarter
    FROM hired_employees
    JOIN departments ON departments.id = hired_employees.department_id
    JOIN jobs ON jobs.id = hired_employees.job_id
    WHERE year(hired_employees.datetime) = %(year)s
)
SELECT
    department,
    job,
    count(CASE WHEN quarter = 1 THEN 1 END) AS Q1,
    count(CASE WHEN quarter = 2 THEN 1 END) AS Q2,
    count(CASE WHEN quarter = 3 THEN 1 END) AS Q3,
    count(CASE WHEN quarter = 4 THEN 1 END) AS Q4
FROM hires
GROUP BY department, job
-- utf8mb4_bin compares texts as if blanks followed them; as bytes they sort by code point.
ORDER BY CAST(department AS BINARY), CAST(job AS BINARY)
