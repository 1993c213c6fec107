-- Ends the taking back of an upload.
UPDATE uploads
SET status = 'undone',
    updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
WHERE upload_id = :upload_id
  AND status = 'undoing'
