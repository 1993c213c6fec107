-- The first update of each row of a list of ids that has any, by anyone and by an upload.
SELECT
    id,
    min(number) AS next_number,
    min(CASE WHEN upload_id = :upload_id THEN number END) AS next_own_number
FROM replaced
WHERE table_name = :table_name
  AND id IN (
      SELECT value
      FROM json_each(:ids)
  )
GROUP BY id
