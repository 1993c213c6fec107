-- Adds rows, one after each other behind VALUES, or none of them where an id is stored.
-- A DATETIME takes no time zone: the Z of UTC is cut off.
INSERT INTO hired_employees (id, name, datetime, department_id, job_id)
VALUES (%s, %s, trim(TRAILING 'Z' FROM %s), %s, %s)
