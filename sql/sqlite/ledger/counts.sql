-- The counts of an upload.
SELECT
    read,
    inserted,
    skipped,
    rejected,
    conflicts
FROM uploads
WHERE upload_id = :upload_id
