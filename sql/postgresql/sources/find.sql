-- The upload that a source was claimed for last.
SELECT upload_id
FROM sources
WHERE source_sha256 = %(source_sha256)s
  AND upload_id IS NOT NULL
