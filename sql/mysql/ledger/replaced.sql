-- The next rows that an upload replaced, each as it stood before the upload replaced it first, in the order of that.
SELECT
    number,
    content
FROM replaced
WHERE upload_id = %(upload_id)s
  AND number > %(after)s
  AND content <> ''
  AND NOT EXISTS (
      SELECT 1
      FROM replaced AS earlier
      WHERE earlier.table_name = replaced.table_name
        AND earlier.id = replaced.id
        AND earlier.upload_id = replaced.upload_id
        AND earlier.number < replaced.number
  )
ORDER BY number
LIMIT %(rows)s
