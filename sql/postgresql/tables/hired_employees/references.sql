-- One id of a batch that its other table does not have, after the name of its column. Each parameter is an array.
SELECT
    'department_id' AS "column",
    id
FROM unnest(%(department_id)s::bigint[]) AS batch (id)
WHERE id NOT IN (SELECT id FROM departments)
UNION ALL
SELECT
    'job_id' AS "column",
    id
FROM unnest(%(job_id)s::bigint[]) AS batch (id)
WHERE id NOT IN (SELECT id FROM jobs)
