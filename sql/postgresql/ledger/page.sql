-- The uploads before a number, newest first. One that runs without a batch for a minute was interrupted.
SELECT
    upload_id,
    table_name AS "table",
    file_name,
    sha256,
    bytes,
    options,
    dialect,
    CASE
        WHEN status = 'running' AND updated_at < clock_timestamp() - interval '60 seconds'
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
WHERE upload_id < %(before)s
ORDER BY upload_id DESC
LIMIT %(limit)s
