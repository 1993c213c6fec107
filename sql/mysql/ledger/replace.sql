-- Keeps rows as they stand before an upload updates them: a JSON array of arrays, of each row's id and its content.
INSERT INTO replaced (upload_id, table_name, id, content)
SELECT
    %(upload_id)s,
    %(table_name)s,
    id,
    content
FROM JSON_TABLE(
    %(rows)s, '$[*]' COLUMNS (
        place FOR ORDINALITY,
        id BIGINT PATH '$[0]',
        content LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]'
    )
) AS batch
ORDER BY place
