-- How many records of an upload changed a row that stood.
ALTER TABLE uploads
ADD COLUMN updated BIGINT NOT NULL DEFAULT 0
