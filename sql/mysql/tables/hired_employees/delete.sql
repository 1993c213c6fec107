-- Deletes the rows that are stored under a JSON array of ids. The hints make it look each id up.
DELETE hired_employees
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
STRAIGHT_JOIN hired_employees FORCE INDEX (PRIMARY) ON hired_employees.id = batch.id
