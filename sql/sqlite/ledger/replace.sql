-- Keeps rows as they stand, a JSON array of arrays, before an upload updates them.
INSERT INTO replaced (upload_id, table_name, id, content)
SELECT
    :upload_id,
    :table_name,
    json_extract(value, '$[0]'),
    value
FROM json_each(:rows)
ORDER BY key
