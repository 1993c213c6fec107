-- By the upload: what it replaced.
CREATE INDEX replaced_by_upload
ON replaced (upload_id, number)
