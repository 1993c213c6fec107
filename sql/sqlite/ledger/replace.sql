-- Keeps rows as they stand before an upload updates them: a JSON array of arrays, each in the order of the columns.
INSERT INTO replaced (upload_id, table_name, id, content)
SELECT
    :upload_id,
    :table_name,
    json_extract(value, '$[0]'),
    value
FROM json_each(:rows)
ORDER BY key
