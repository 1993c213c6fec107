-- By the rows' ids: which uploads a row came from.
CREATE INDEX batches_by_id
ON batches (table_name, first_id, last_id)
