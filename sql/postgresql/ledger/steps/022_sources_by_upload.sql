-- By the upload: where its file comes from.
CREATE INDEX sources_by_upload
ON sources (upload_id)
