-- Marks a batch as taken back: its rows are not in the table any more as it made them.
UPDATE batches
SET table_name = NULL
WHERE upload_id = %(upload_id)s
  AND read_before = %(read_before)s
