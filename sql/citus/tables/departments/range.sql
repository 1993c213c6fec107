-- The next rows by id, from the id first on to the id last.
SELECT
    id,
    department
FROM departments
WHERE id BETWEEN %(first)s AND %(last)s
ORDER BY id
LIMIT %(rows)s
