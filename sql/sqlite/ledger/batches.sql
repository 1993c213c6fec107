-- The next batches of an upload, in file order.
SELECT
    read_before,
    inserted,
    updated,
    skipped,
    conflicts
FROM batches
WHERE upload_id = :upload_id
  AND read_before > :after
ORDER BY read_before
LIMIT :rows
