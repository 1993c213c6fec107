-- Deletes the rows of ids, a JSON array.
DELETE departments
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
STRAIGHT_JOIN departments FORCE INDEX (PRIMARY) ON departments.id = batch.id
