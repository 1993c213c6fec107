-- Changes a stored row, whose columns are given in their order.
UPDATE departments
SET department = ?2
WHERE id = ?1
