-- Deletes the rows of ids, a JSON array.
DELETE hired_employees
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
STRAIGHT_JOIN hired_employees FORCE INDEX (PRIMARY) ON hired_employees.id = batch.id
