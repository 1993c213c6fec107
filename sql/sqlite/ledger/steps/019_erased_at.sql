-- When what an upload sent of people was deleted, or began to be: nothing of it is given out since. NULL where it is kept.
ALTER TABLE uploads
ADD COLUMN erased_at TIMESTAMP
