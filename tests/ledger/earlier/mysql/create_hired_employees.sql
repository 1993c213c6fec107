-- One hire. Incomplete historical hires are stored with NULLs; the report data-quality counts them.
-- There is no FOREIGN KEY: historical files arrive in any order, hires before their departments. Strict uploads
-- check the references, and data-quality counts the ids that are unknown.
-- datetime is UTC.
CREATE TABLE IF NOT EXISTS hired_employees (
    id            BIGINT NOT NULL PRIMARY KEY,
    name          VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    datetime      DATETIME(6),
    department_id BIGINT,
    job_id        BIGINT
) ENGINE = InnoDB
