-- Begins an upload and gives it its number.
INSERT INTO uploads (table_name, file_name, sha256, bytes, options, dialect, started_at, updated_at)
VALUES (
    :table_name,
    :file_name,
    :sha256,
    :bytes,
    :options,
    :dialect,
    strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),
    strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
)
RETURNING upload_id
