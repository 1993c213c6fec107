-- The next refused rows of an upload, in file order.
SELECT
    line,
    column_name AS "column",
    code,
    reason,
    record,
    fields,
    delimiter
FROM rejects
WHERE upload_id = %(upload_id)s
  AND line > %(after)s
ORDER BY line
LIMIT %(rows)s
