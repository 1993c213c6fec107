-- The first update of each row of a list of ids that has any, by anyone and by an upload.
SELECT
    replaced.id,
    min(replaced.number) AS next_number,
    min(CASE WHEN replaced.upload_id = %(upload_id)s THEN replaced.number END) AS next_own_number
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
STRAIGHT_JOIN replaced FORCE INDEX (replaced_by_id) ON replaced.id = batch.id
WHERE replaced.table_name = %(table_name)s
GROUP BY replaced.id
