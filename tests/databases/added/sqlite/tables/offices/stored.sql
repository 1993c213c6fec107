SELECT
    id,
    city,
    opened
FROM offices
WHERE id IN (
    SELECT value
    FROM json_each(CASE WHEN (SELECT min(id) FROM offices WHERE id >= :first) <= :last THEN :ids ELSE '[]' END)
)
