-- One department whose hires in the year are above the mean over all departments, those without hires included.
-- :year integer = 2021
WITH hires AS (
    SELECT department_id
    FROM hired_employees
    WHERE year(datetime) = %(year)s
),
hires_per_department AS (
    SELECT
        departments.id,
        departments.department,
        count(hires.department_id) AS hired
    FROM departments
    LEFT JOIN hires ON hires.department_id = departments.id
    GROUP BY departments.id, departments.department
),
hires_beside_mean AS (
    SELECT
        id,
        department,
        hired,
        avg(CAST(hired AS DOUBLE)) OVER () AS mean
    FROM hires_per_department
)
SELECT
    id,
    department,
    hired
FROM hires_beside_mean
WHERE hired > mean
ORDER BY hired DESC, id
