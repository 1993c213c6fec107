-- The rows that are stored under the ids of a batch, a JSON array.
-- None is looked up where none is stored from the smallest to the largest of them, first to last.
SELECT
    id,
    job
FROM jobs
WHERE id IN (
    SELECT value
    FROM json_each(CASE WHEN (SELECT min(id) FROM jobs WHERE id >= :first) <= :last THEN :ids ELSE '[]' END)
)
