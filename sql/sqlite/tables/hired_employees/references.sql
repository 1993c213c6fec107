-- One id of a batch that its other table does not have, after the name of its column. Each parameter is a JSON array.
SELECT
    'department_id' AS "column",
    value AS id
FROM json_each(:department_id)
WHERE value NOT IN (SELECT id FROM departments)
UNION ALL
SELECT
    'job_id' AS "column",
    value AS id
FROM json_each(:job_id)
WHERE value NOT IN (SELECT id FROM jobs)
