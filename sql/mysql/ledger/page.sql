-- The uploads between two numbers, newest first: of a table, a status, a file, since a moment, each unless it is NULL.
-- One that runs without a batch for a minute was interrupted.
-- The first since then is looked up by itself, so that none is read that came before it.
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
        WHEN status = 'running' AND updated_at < utc_timestamp() - INTERVAL 60 SECOND
        THEN 'interrupted'
        ELSE status
    END AS status,
    reason,
    code,
    hints,
    "read",
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
      %(since)s IS NULL
      OR started_at >= CAST(TRIM(TRAILING 'Z' FROM %(since)s) AS DATETIME(6))
  )
  AND upload_id >= CASE
      WHEN %(since)s IS NOT NULL
      THEN coalesce(
          (
              SELECT min(upload_id)
              FROM uploads
              WHERE started_at >= CAST(TRIM(TRAILING 'Z' FROM %(since)s) AS DATETIME(6))
          ),
          %(before)s
      )
      ELSE 0
  END
  AND (%(table)s IS NULL OR table_name = %(table)s)
  AND (%(sha256)s IS NULL OR sha256 = %(sha256)s)
  AND (%(status)s IS NULL OR status = replace(%(status)s, 'interrupted', 'running'))
  AND (
      %(status)s IS NULL
      OR %(status)s = CASE
          WHEN status = 'running' AND updated_at < utc_timestamp() - INTERVAL 60 SECOND
          THEN 'interrupted'
          ELSE status
      END
  )
ORDER BY upload_id DESC
LIMIT %(limit)s
