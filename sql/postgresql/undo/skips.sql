-- The next batches of uploads to a table, behind one, that skipped ids.
SELECT
    upload_id,
    read_before,
    skipped
FROM batches
WHERE table_name = %(table_name)s
  AND upload_id >= %(looked_upload_id)s
  AND (upload_id > %(looked_upload_id)s OR read_before > %(looked_read_before)s)
  AND skipped <> ''
ORDER BY upload_id, read_before
LIMIT %(rows)s
