-- The next updates of rows by an upload, in their order: what stood before each, the next update of its row by anyone,
-- and the next by the same upload.
-- The hints make it look each row up: one upload may have a million updates.
SELECT
    number,
    id,
    content,
    (
        SELECT later.number
        FROM replaced AS later FORCE INDEX (replaced_by_id)
        WHERE later.table_name = replaced.table_name
          AND later.id = replaced.id
          AND later.number > replaced.number
        ORDER BY later.number
        LIMIT 1
    ) AS next_number,
    (
        SELECT later.number
        FROM replaced AS later FORCE INDEX (replaced_by_id)
        WHERE later.table_name = replaced.table_name
          AND later.id = replaced.id
          AND later.number > replaced.number
          AND later.upload_id = replaced.upload_id
        ORDER BY later.number
        LIMIT 1
    ) AS next_own_number
FROM replaced
WHERE upload_id = %(upload_id)s
ORDER BY number
LIMIT %(rows)s
