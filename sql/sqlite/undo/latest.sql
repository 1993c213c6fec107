-- How far the taking back of uploads has come, that of the latest first.
SELECT
    upload_id,
    removed,
    restored,
    kept,
    is_done,
    updated_at
FROM undone
ORDER BY updated_at DESC, upload_id DESC
LIMIT :rows
