-- Sets an upload to be taken back, which ends it at its next batch if it is running.
UPDATE uploads
SET status = 'undoing',
    updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
WHERE upload_id = :upload_id
  AND status IN ('running', 'finished', 'stopped', 'undoing')
