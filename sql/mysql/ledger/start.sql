-- Begins an upload and gives it its number.
INSERT INTO uploads (table_name, file_name, sha256, bytes, options, dialect, started_at, updated_at)
VALUES (
    %(table_name)s,
    %(file_name)s,
    %(sha256)s,
    %(bytes)s,
    %(options)s,
    %(dialect)s,
    utc_timestamp(),
    utc_timestamp()
)
