-- By the table that they went into.
CREATE INDEX uploads_by_table
ON uploads (table_name, upload_id)
