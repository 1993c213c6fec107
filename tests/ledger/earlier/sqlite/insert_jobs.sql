-- A row that is stored.
INSERT INTO jobs (id, job)
VALUES (1, 'Clerk')
