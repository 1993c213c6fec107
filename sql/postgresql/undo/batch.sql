-- The next batch of an upload that is not taken back yet, in file order.
SELECT
    read_before,
    inserted,
    updated
FROM batches
WHERE upload_id = %(upload_id)s
  AND read_before > %(after)s
  AND table_name IS NOT NULL
ORDER BY read_before
LIMIT 1
