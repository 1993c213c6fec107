-- Keeps rows as they stand before an upload updates them: a JSON array of arrays, of each row's id and its content.
INSERT INTO replaced (upload_id, table_name, id, content)
SELECT
    :upload_id,
    :table_name,
    json_extract(value, '$[0]'),
    json_extract(value, '$[1]')
FROM json_each(:rows)
ORDER BY key
