-- The uploads between two numbers, newest first: of a table, a status, a file, since a moment, each unless it is NULL.
-- One that runs without a batch for a minute was interrupted.
-- Each part of the union reads by an index of its own, and gives rows only where it is the one to go by. The + keeps
-- min() from going through the uploads by their numbers. A moment is kept in whole seconds: 08Z is behind 08, before 08Z.5.
SELECT
    upload_id,
    table_name AS "table",
    file_name,
    sha256,
    bytes,
    (
        SELECT source
        FROM sources
        WHERE sources.upload_id = uploads.upload_id
    ) AS source,
    options,
    dialect,
    CASE
        WHEN status = 'running' AND updated_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-60 seconds')
        THEN 'interrupted'
        ELSE status
    END AS status,
    reason,
    code,
    hints,
    read,
    inserted,
    updated,
    skipped,
    rejected,
    conflicts,
    started_at,
    updated_at,
    finished_at,
    erased_at
FROM (
    SELECT *
    FROM uploads
    WHERE sha256 = :sha256
    UNION ALL
    SELECT *
    FROM uploads
    WHERE :sha256 IS NULL
      AND (:status <> 'finished' OR :table IS NULL)
      AND status = replace(:status, 'interrupted', 'running')
    UNION ALL
    SELECT *
    FROM uploads
    WHERE :sha256 IS NULL
      AND (:status = 'finished' OR :status IS NULL)
      AND table_name = :table
    UNION ALL
    SELECT *
    FROM uploads
    WHERE :sha256 IS NULL
      AND :status IS NULL
      AND :table IS NULL
) AS uploads
WHERE upload_id < :before
  AND upload_id >= :first
  AND (
      :since IS NULL
      OR started_at >= replace(rtrim(:since, 'Z'), '.', 'Z.')
  )
  AND upload_id >= CASE
      WHEN :since IS NOT NULL
      THEN coalesce(
          (
              SELECT min(+upload_id)
              FROM uploads
              WHERE started_at >= replace(rtrim(:since, 'Z'), '.', 'Z.')
          ),
          :before
      )
      ELSE 0
  END
  AND (:table IS NULL OR table_name = :table)
  AND (
      :status IS NULL
      OR :status = CASE
          WHEN status = 'running' AND updated_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-60 seconds')
          THEN 'interrupted'
          ELSE status
      END
  )
ORDER BY upload_id DESC
LIMIT :limit
