-- Which attempt at the upload may go on with it: whoever began an earlier one is overtaken.
ALTER TABLE uploads
ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1
