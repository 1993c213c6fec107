-- Adds rows, sent as CSV, or none of them where an id is stored.
COPY jobs (id, job)
FROM STDIN WITH (FORMAT csv)
