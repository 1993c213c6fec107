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
VALUES (%(upload_id)s, 0, 0, 0, '[]', '[]', %(upload_id)s, %(read_before_max)s, 0, utc_timestamp())
ON DUPLICATE KEY UPDATE upload_id = undone.upload_id
