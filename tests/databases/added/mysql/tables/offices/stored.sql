SELECT
-- The hints make it look each id up, also where the server's statistics are old and call the table empty.
    offices.id,
    offices.city,
    offices.opened
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
STRAIGHT_JOIN offices FORCE INDEX (PRIMARY) ON offices.id = batch.id
WHERE (SELECT min(id) FROM offices WHERE id >= %(first)s) <= %(last)s
