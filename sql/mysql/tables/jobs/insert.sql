-- Adds rows, one after each other behind VALUES, or none of them where an id is stored.
INSERT INTO jobs (id, job)
VALUES (%s, %s)
