-- Changes a stored row, whose columns are given in their order.
UPDATE hired_employees
SET name = ?2,
    datetime = ?3,
    department_id = ?4,
    job_id = ?5
WHERE id = ?1
