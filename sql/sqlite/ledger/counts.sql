-- The counts of an upload.
SELECT
    read,
    inserted,
    updated,
    skipped,
    rejected,
    conflicts
FROM uploads
WHERE upload_id = :upload_id
