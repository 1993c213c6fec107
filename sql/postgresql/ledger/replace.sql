-- Keeps rows as they stand before an upload updates them: a JSON array of arrays, each in the order of the columns.
INSERT INTO replaced (upload_id, table_name, id, content)
SELECT
    %(upload_id)s,
    %(table_name)s,
    (row ->> 0)::bigint,
    row
FROM json_array_elements(%(rows)s::json) WITH ORDINALITY AS batch (row, place)
ORDER BY place
