SELECT
    id,
    city,
    opened
FROM offices
WHERE id = ANY(%(ids)s::bigint[])
  AND (SELECT min(id) FROM offices WHERE id >= %(first)s) <= %(last)s
