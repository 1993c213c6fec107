-- Adds rows, sent as CSV, or none of them where an id is stored.
COPY hired_employees (id, name, datetime, department_id, job_id)
FROM STDIN WITH (FORMAT csv)
