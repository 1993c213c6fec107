-- The next batches of uploads among whose ids that of a row may be, in the order of uploads.
SELECT
    upload_id,
    read_before,
    inserted,
    updated
FROM batches
WHERE table_name = :table_name
  AND first_id <= :id
  AND last_id >= :id
  AND (upload_id > :upload_id OR (upload_id = :upload_id AND read_before > :after))
ORDER BY upload_id, read_before
LIMIT :rows
