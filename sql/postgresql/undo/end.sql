-- Ends the taking back of an upload.
UPDATE uploads
SET status = 'undone',
    updated_at = date_trunc('second', clock_timestamp())
WHERE upload_id = %(upload_id)s
  AND status = 'undoing'
