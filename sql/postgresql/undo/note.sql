-- Notes how far the taking back of an upload has come.
UPDATE undone
SET removed = %(removed)s,
    restored = %(restored)s,
    kept = %(kept)s,
    kept_ids = %(kept_ids)s,
    skipped_by = %(skipped_by)s,
    looked_upload_id = %(looked_upload_id)s,
    looked_read_before = %(looked_read_before)s,
    is_done = %(is_done)s,
    updated_at = date_trunc('second', clock_timestamp())
WHERE upload_id = %(upload_id)s
