-- The rows that are stored under the ids of a batch, an array; nobody else changes them until the transaction ends.
-- FOR UPDATE is taken for one shard alone. Changing nothing locks each row as well.
UPDATE hired_employees
SET name = hired_employees.name
WHERE id = ANY(%(ids)s::bigint[])
RETURNING
    id,
    name,
    datetime,
    department_id,
    job_id
