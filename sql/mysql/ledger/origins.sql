-- The next batches of uploads among whose ids that of a row may be, in the order of uploads.
SELECT
    upload_id,
    read_before,
    inserted,
    updated
FROM batches
WHERE table_name = %(table_name)s
  AND first_id <= %(id)s
  AND last_id >= %(id)s
  AND (upload_id > %(upload_id)s OR (upload_id = %(upload_id)s AND read_before > %(after)s))
ORDER BY upload_id, read_before
LIMIT %(rows)s
