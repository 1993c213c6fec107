-- Refused rows of an upload, those that start behind one line and up to another, in file order.
SELECT
    line,
    column_name AS "column",
    code,
    reason,
    record,
    fields,
    delimiter
FROM rejects
WHERE upload_id = :upload_id
  AND line > :after
  AND line <= :last
ORDER BY line
