-- How an upload stands of which rows are to be deleted.
SELECT
    CASE
        WHEN status = 'running' AND updated_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-60 seconds')
        THEN 'interrupted'
        ELSE status
    END AS status,
    dialect,
    erasure
FROM uploads
WHERE upload_id = :upload_id
