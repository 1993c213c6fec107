-- Notes how far the taking back of an upload has come.
UPDATE undone
SET removed = :removed,
    restored = :restored,
    kept = :kept,
    kept_ids = :kept_ids,
    skipped_by = :skipped_by,
    looked_upload_id = :looked_upload_id,
    looked_read_before = :looked_read_before,
    is_done = :is_done,
    updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
WHERE upload_id = :upload_id
