-- The next rows by id, from the id first on.
SELECT
    id,
    job
FROM jobs
WHERE id >= %(first)s
ORDER BY id
LIMIT %(rows)s
