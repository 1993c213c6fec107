SELECT
    id,
    city,
    opened
FROM offices
WHERE id >= :first
ORDER BY id
LIMIT :rows
