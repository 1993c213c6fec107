-- Adds rows, sent as CSV, or none of them where an id is stored.
COPY departments (id, department)
FROM STDIN WITH (FORMAT csv)
