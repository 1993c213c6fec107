-- By how they stand: the few that were refused or stopped among all that were not.
CREATE INDEX uploads_by_status
ON uploads (status, upload_id)
