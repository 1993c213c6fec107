SELECT
    id,
    city,
    opened
FROM offices
WHERE id >= %(first)s
ORDER BY id
LIMIT %(rows)s
