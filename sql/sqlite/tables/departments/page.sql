-- The next rows by id, from the id :first on.
SELECT
    id,
    department
FROM departments
WHERE id >= :first
ORDER BY id
LIMIT :rows
