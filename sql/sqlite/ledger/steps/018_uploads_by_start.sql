-- By their beginning, as upload_id alone does not say: clocks are set, and numbers are given before moments.
CREATE INDEX uploads_by_start
ON uploads (started_at, upload_id)
