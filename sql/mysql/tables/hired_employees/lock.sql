-- The rows that are stored under the ids of a batch, a JSON array, by id; nobody else changes them until the transaction
-- ends. The hints make it look each id up, also where the server's statistics are old and call the table empty.
SELECT
    hired_employees.id,
    hired_employees.name,
    hired_employees.datetime,
    hired_employees.department_id,
    hired_employees.job_id
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
STRAIGHT_JOIN hired_employees FORCE INDEX (PRIMARY) ON hired_employees.id = batch.id
WHERE (SELECT min(id) FROM hired_employees WHERE id >= %(first)s) <= %(last)s
ORDER BY hired_employees.id
FOR UPDATE
