-- Ends an upload.
UPDATE uploads
SET status = %(status)s,
    reason = %(reason)s,
    hints = %(hints)s,
    updated_at = utc_timestamp(),
    finished_at = utc_timestamp()
WHERE upload_id = %(upload_id)s
