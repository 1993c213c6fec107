-- The number of rows.
SELECT count(*) AS rows
FROM hired_employees
