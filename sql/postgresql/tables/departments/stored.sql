-- The rows that are stored under the ids of a batch, an array.
-- None is looked up where none is stored from the smallest to the largest of them, first to last.
SELECT
    id,
    department
FROM departments
WHERE id = ANY(%(ids)s::bigint[])
  AND (SELECT min(id) FROM departments WHERE id >= %(first)s) <= %(last)s
