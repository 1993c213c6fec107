SELECT
    offices.id,
    offices.city,
    offices.opened
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
JOIN offices ON offices.id = batch.id
