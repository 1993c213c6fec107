-- The departments, their hires in the year together, and the mean of those over all departments, those without hires included.
-- :year integer = 2021
WITH hires AS (
    SELECT hired_employees.id
    FROM hired_employees
    JOIN departments ON departments.id = hired_employees.department_id
    WHERE extract(year FROM hired_employees.datetime AT TIME ZONE 'UTC') = %(year)s
),
totals AS (
    SELECT
        (SELECT count(*) FROM departments) AS departments,
        count(*) AS hired
    FROM hires
)
SELECT
    departments,
    hired,
    round(1.0 * hired / nullif(departments, 0), 2) AS mean
FROM totals
ORDER BY departments
