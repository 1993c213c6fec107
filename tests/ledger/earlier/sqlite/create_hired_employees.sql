-- One hire. Incomplete historical hires are stored with NULLs; the report data-quality counts them.
-- There is no FOREIGN KEY: historical files arrive in any order, hires before their departments. Strict uploads
-- check the references, and data-quality counts the ids that are unknown.
-- datetime is UTC as text, 2021-07-27T16:02:08Z, a fraction of a second before the Z without trailing zeros.
CREATE TABLE IF NOT EXISTS hired_employees (
    id            INTEGER NOT NULL PRIMARY KEY,
    name          TEXT,
    datetime      TIMESTAMP,
    department_id INTEGER,
    job_id        INTEGER
)
