-- The uploads before the number :before, newest first. One that runs without a batch for a minute was interrupted.
SELECT
    upload_id,
    table_name AS "table",
    file_name,
    sha256,
    bytes,
    options,
    dialect,
    CASE
        WHEN status = 'running' AND updated_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-60 seconds')
        THEN 'interrupted'
        ELSE status
    END AS status,
    reason,
    hints,
    read,
    inserted,
    updated,
    skipped,
    rejected,
    conflicts,
    started_at,
    updated_at,
    finished_at
FROM uploads
WHERE upload_id < :before
ORDER BY upload_id DESC
LIMIT :limit
