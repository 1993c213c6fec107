-- The next rows that an upload replaced, in the order in which it did.
SELECT
    number,
    content
FROM replaced
WHERE upload_id = %(upload_id)s
  AND number > %(after)s
  AND content IS NOT NULL
ORDER BY number
LIMIT %(rows)s
