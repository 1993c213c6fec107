-- The rows that are stored under the ids of a batch, a JSON array, by id. The transaction has the write lock.
SELECT
    id,
    job
FROM jobs
WHERE id IN (
    SELECT value
    FROM json_each(CASE WHEN (SELECT min(id) FROM jobs WHERE id >= :first) <= :last THEN :ids ELSE '[]' END)
)
ORDER BY id
