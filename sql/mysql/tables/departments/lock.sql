-- The rows that are stored under the ids of a batch, a JSON array, by id; nobody else changes them until the transaction
-- ends. The hints make it look each id up, also where the server's statistics are old and call the table empty.
SELECT
    departments.id,
    departments.department
FROM JSON_TABLE(%(ids)s, '$[*]' COLUMNS (id BIGINT PATH '$')) AS batch
STRAIGHT_JOIN departments FORCE INDEX (PRIMARY) ON departments.id = batch.id
WHERE (SELECT min(id) FROM departments WHERE id >= %(first)s) <= %(last)s
ORDER BY departments.id
FOR UPDATE
