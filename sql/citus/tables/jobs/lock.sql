-- The rows that are stored under the ids of a batch, an array; nobody else changes them until the transaction ends.
-- FOR UPDATE is taken for one shard alone. Changing nothing locks each row as well.
UPDATE jobs
SET job = jobs.job
WHERE id = ANY(%(ids)s::bigint[])
RETURNING
    id,
    job
