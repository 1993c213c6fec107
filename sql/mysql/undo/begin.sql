-- Sets an upload to be taken back, which ends it at its next batch if it is running.
UPDATE uploads
SET status = 'undoing',
    updated_at = utc_timestamp()
WHERE upload_id = %(upload_id)s
  AND status IN ('running', 'finished', 'stopped', 'undoing')
