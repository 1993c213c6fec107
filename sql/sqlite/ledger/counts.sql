-- How far an upload is: its attempt, its status and its counts.
SELECT
    attempt,
    status,
    read,
    inserted,
    updated,
    skipped,
    rejected,
    conflicts
FROM uploads
WHERE upload_id = :upload_id
