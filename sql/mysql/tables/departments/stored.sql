-- The rows that are stored under the ids of a batch, a JSON array.
SELECT
    departments.id,
    departments.department
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
JOIN departments ON departments.id = batch.id
