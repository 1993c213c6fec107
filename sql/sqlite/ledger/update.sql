-- Brings an upload's counts up to date.
UPDATE uploads
SET read = :read,
    inserted = :inserted,
    updated = :updated,
    skipped = :skipped,
    rejected = :rejected,
    conflicts = :conflicts,
    updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
WHERE upload_id = :upload_id
