-- The next refused rows of an upload, in file order: on which line each starts, and how many bytes it is kept in.
SELECT
    line,
    length(CAST(record AS BLOB)) + length(CAST(fields AS BLOB)) AS bytes
FROM rejects
WHERE upload_id = :upload_id
  AND line > :after
ORDER BY line
LIMIT :rows
