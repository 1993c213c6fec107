-- The number of rows.
SELECT count(*) AS rows
FROM jobs
