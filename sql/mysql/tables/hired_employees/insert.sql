-- Adds rows, one after each other behind VALUES, or none of them where an id is stored.
-- A timestamp comes without the Z of UTC: a DATETIME takes no time zone.
INSERT INTO hired_employees (id, name, datetime, department_id, job_id)
VALUES (%s, %s, %s, %s, %s)
