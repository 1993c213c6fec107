-- Ends the taking back of an upload.
UPDATE uploads
SET status = 'undone',
    updated_at = utc_timestamp()
WHERE upload_id = %(upload_id)s
  AND status = 'undoing'
