-- Adds one row; a row whose id is stored changes nothing.
INSERT OR IGNORE INTO hired_employees (id, name, datetime, department_id, job_id)
VALUES (?, ?, ?, ?, ?)
