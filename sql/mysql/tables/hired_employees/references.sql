-- One id of a batch that its other table does not have, after the name of its column. Each parameter is a JSON array.
SELECT
    'department_id' AS "column",
    batch.id
FROM JSON_TABLE(%(department_id)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
WHERE batch.id NOT IN (SELECT id FROM departments)
UNION ALL
SELECT
    'job_id' AS "column",
    batch.id
FROM JSON_TABLE(%(job_id)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
WHERE batch.id NOT IN (SELECT id FROM jobs)
