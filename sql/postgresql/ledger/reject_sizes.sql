-- The next refused rows of an upload, in file order: on which line each starts, and how many bytes it is kept in.
SELECT
    line,
    octet_length(record) + octet_length(fields) AS bytes
FROM rejects
WHERE upload_id = %(upload_id)s
  AND line > %(after)s
ORDER BY line
LIMIT %(rows)s
