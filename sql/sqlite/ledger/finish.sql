-- Ends an upload, unless another attempt goes on with it or it is being taken back.
UPDATE uploads
SET status = :status,
    reason = :reason,
    code = :code,
    hints = :hints,
    updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),
    finished_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
WHERE upload_id = :upload_id
  AND status = 'running'
  AND attempt = :attempt
