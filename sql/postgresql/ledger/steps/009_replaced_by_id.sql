-- By the row: what stood there before each of its updates.
CREATE INDEX replaced_by_id
ON replaced (table_name, id, number)
