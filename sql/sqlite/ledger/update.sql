-- Brings an upload's counts up to date, unless another attempt goes on with it or it is being taken back.
UPDATE uploads
SET read = :read,
    inserted = :inserted,
    updated = :updated,
    skipped = :skipped,
    rejected = :rejected,
    conflicts = :conflicts,
    updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
WHERE upload_id = :upload_id
  AND status = 'running'
  AND attempt = :attempt
