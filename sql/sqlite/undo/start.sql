-- Begins the taking back of an upload, unless it has begun.
INSERT INTO undone (
    upload_id,
    removed,
    restored,
    kept,
    kept_ids,
    skipped_by,
    looked_upload_id,
    looked_read_before,
    is_done,
    updated_at
)
VALUES (:upload_id, 0, 0, 0, '[]', '[]', :upload_id, :read_before_max, 0, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
ON CONFLICT DO NOTHING
