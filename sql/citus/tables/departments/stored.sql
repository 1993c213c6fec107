-- The rows that are stored under the ids of a batch, an array.
SELECT
    id,
    department
FROM departments
WHERE id = ANY(%(ids)s::bigint[])
