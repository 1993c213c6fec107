-- The next rows by id, from the id first on.
SELECT
    id,
    department
FROM departments
WHERE id >= %(first)s
ORDER BY id
LIMIT %(rows)s
