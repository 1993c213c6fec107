SELECT
    id,
    city,
    opened
FROM offices
WHERE id = ANY(%(ids)s)
