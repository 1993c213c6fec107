-- The delimiter by which the kept record is to be split, or NULL where it is the upload's own.
ALTER TABLE rejects
ADD COLUMN delimiter TEXT
