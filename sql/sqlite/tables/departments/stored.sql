-- The rows that are stored under the ids of a batch, a JSON array.
SELECT
    id,
    department
FROM departments
WHERE id IN (SELECT value FROM json_each(:ids))
