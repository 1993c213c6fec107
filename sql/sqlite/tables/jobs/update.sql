-- Changes a stored row, whose columns are given in their order.
UPDATE jobs
SET job = ?2
WHERE id = ?1
