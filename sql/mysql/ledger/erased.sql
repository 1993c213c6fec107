-- Says that no row of an upload is left to be deleted.
UPDATE uploads
SET erasure = 2
WHERE upload_id = %(upload_id)s
