-- The rows that are stored under the ids of a batch, an array.
-- None is looked up where none is stored from the smallest to the largest of them, first to last.
SELECT
    id,
    name,
    datetime,
    department_id,
    job_id
FROM hired_employees
WHERE id = ANY(%(ids)s::bigint[])
  AND (SELECT min(id) FROM hired_employees WHERE id >= %(first)s) <= %(last)s
