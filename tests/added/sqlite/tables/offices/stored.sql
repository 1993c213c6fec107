SELECT
    id,
    city,
    opened
FROM offices
WHERE id IN (SELECT value FROM json_each(:ids))
