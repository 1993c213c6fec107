-- Deletes what an upload's entry has of people, and says that its rows are deleted. One that was interrupted ends here.
UPDATE uploads
SET erased_at = utc_timestamp(),
    erasure = 1,
    file_name = NULL,
    dialect = %(dialect)s,
    reason = NULL,
    hints = NULL,
    finished_at = coalesce(finished_at, utc_timestamp()),
    status = CASE status WHEN 'running' THEN 'stopped' ELSE status END
WHERE upload_id = %(upload_id)s
