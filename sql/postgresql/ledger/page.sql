-- The uploads between two numbers, newest first: of a table, a status, a file, since a moment, each unless it is NULL.
-- One that runs without a batch for a minute was interrupted.
-- The first since then is looked up by itself, so that none is read that came before it. The 0 keeps min() from going
-- through the uploads by their numbers.
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
        WHEN status = 'running' AND updated_at < clock_timestamp() - interval '60 seconds'
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
FROM uploads
WHERE upload_id < %(before)s
  AND upload_id >= %(first)s
  AND (
      %(since)s::text IS NULL
      OR started_at >= %(since)s::timestamptz
  )
  AND upload_id >= CASE
      WHEN %(since)s::text IS NOT NULL
      THEN coalesce(
          (
              SELECT min(upload_id + 0)
              FROM uploads
              WHERE started_at >= %(since)s::timestamptz
          ),
          %(before)s
      )
      ELSE 0
  END
  AND (%(table)s::text IS NULL OR table_name = %(table)s)
  AND (%(sha256)s::text IS NULL OR sha256 = %(sha256)s)
  AND (%(status)s::text IS NULL OR status = replace(%(status)s, 'interrupted', 'running'))
  AND (
      %(status)s::text IS NULL
      OR %(status)s = CASE
          WHEN status = 'running' AND updated_at < clock_timestamp() - interval '60 seconds'
          THEN 'interrupted'
          ELSE status
      END
  )
ORDER BY upload_id DESC
LIMIT %(limit)s
