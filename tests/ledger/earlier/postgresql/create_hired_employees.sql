-- One hire. Incomplete historical hires are stored with NULLs; the report data-quality counts them.
-- There is no FOREIGN KEY: historical files arrive in any order, hires before their departments. Strict uploads
-- check the references, and data-quality counts the ids that are unknown.
CREATE TABLE IF NOT EXISTS hired_employees (
    id            BIGINT NOT NULL PRIMARY KEY,
    name          TEXT COLLATE "C",
    datetime      TIMESTAMPTZ,
    department_id BIGINT,
    job_id        BIGINT
)
