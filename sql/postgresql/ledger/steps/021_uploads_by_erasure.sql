-- By what is to be deleted next.
CREATE INDEX uploads_by_erasure
ON uploads (erasure, finished_at, upload_id)
