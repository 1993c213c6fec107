-- Ends an upload, unless another attempt goes on with it or it is being taken back.
UPDATE uploads
SET status = %(status)s,
    reason = %(reason)s,
    code = %(code)s,
    hints = %(hints)s,
    updated_at = utc_timestamp(),
    finished_at = utc_timestamp()
WHERE upload_id = %(upload_id)s
  AND status = 'running'
  AND attempt = %(attempt)s
