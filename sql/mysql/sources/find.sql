-- The uploads below a number that a source was claimed for last, newest first; those of an object's versions lie between
-- two texts.
SELECT upload_id
FROM sources
WHERE (
      source_sha256 = %(source_sha256)s
      OR (
          source >= %(versions)s
          AND source < %(behind)s
      )
  )
  AND upload_id < %(before)s
ORDER BY upload_id DESC
