-- The rows that are stored under the ids of a batch, an array, by id; nobody else changes them until the transaction ends.
SELECT
    id,
    department
FROM departments
WHERE id = ANY(%(ids)s::bigint[])
  AND (SELECT min(id) FROM departments WHERE id >= %(first)s) <= %(last)s
ORDER BY id
FOR UPDATE
