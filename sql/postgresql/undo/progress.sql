-- How far the taking back of an upload has come, once nobody else is at it.
SELECT
    removed,
    restored,
    kept,
    kept_ids,
    skipped_by,
    looked_upload_id,
    looked_read_before,
    is_done
FROM undone
WHERE upload_id = %(upload_id)s
FOR UPDATE
