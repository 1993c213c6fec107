-- One job and its number of hires in the year, by job.
-- :year integer = 2021
SELECT
    jobs.job,
    count(*) AS hires
FROM hired_employees
JOIN jobs ON jobs.id = hired_employees.job_id
WHERE substr(hired_employees.datetime, 1, 4) = printf('%04d', :year)
GROUP BY jobs.id, jobs.job
ORDER BY jobs.job, jobs.id
