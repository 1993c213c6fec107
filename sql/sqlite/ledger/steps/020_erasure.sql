-- How far that has come: 0 where all is kept, 1 where rows may be left, 2 where none is.
ALTER TABLE uploads
ADD COLUMN erasure INTEGER NOT NULL DEFAULT 0
