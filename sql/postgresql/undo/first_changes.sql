-- The first update of each row of a list of ids that has any, by anyone and by an upload.
SELECT
    id,
    min(number) AS next_number,
    min(CASE WHEN upload_id = %(upload_id)s THEN number END) AS next_own_number
FROM replaced
WHERE table_name = %(table_name)s
  AND id = ANY(%(ids)s::bigint[])
GROUP BY id
