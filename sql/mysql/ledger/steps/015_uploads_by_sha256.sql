-- By the file: whether it was sent before.
CREATE INDEX uploads_by_sha256
ON uploads (sha256, upload_id)
