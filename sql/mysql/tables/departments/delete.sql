-- Deletes the rows that are stored under a JSON array of ids. The hints make it look each id up.
DELETE departments
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
STRAIGHT_JOIN departments FORCE INDEX (PRIMARY) ON departments.id = batch.id
