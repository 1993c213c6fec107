-- Deletes what an upload's entry has of people, and says that its rows are deleted. One that was interrupted ends here.
UPDATE uploads
SET erased_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),
    erasure = 1,
    file_name = NULL,
    dialect = :dialect,
    reason = NULL,
    hints = NULL,
    finished_at = coalesce(finished_at, strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    status = CASE status WHEN 'running' THEN 'stopped' ELSE status END
WHERE upload_id = :upload_id
