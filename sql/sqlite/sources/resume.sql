-- Lets an upload go on as the next attempt: whoever is still at it is overtaken.
UPDATE uploads
SET attempt = attempt + 1,
    status = 'running',
    reason = NULL,
    code = NULL,
    hints = NULL,
    updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),
    finished_at = NULL
WHERE upload_id = :upload_id
