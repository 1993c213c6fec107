-- What may be amiss with an upload: a JSON array, or NULL where nothing is.
ALTER TABLE uploads
ADD COLUMN hints TEXT
