-- One upload: what was sent, and how far it came. Times are UTC.
CREATE TABLE IF NOT EXISTS uploads (
    upload_id   BIGINT      NOT NULL PRIMARY KEY AUTO_INCREMENT,
    table_name  VARCHAR(64) NOT NULL,
    file_name   LONGTEXT,
    sha256      CHAR(64)    NOT NULL,            -- of the file as it was sent
    bytes       BIGINT      NOT NULL,            -- of the file as it was sent
    options     LONGTEXT    NOT NULL,            -- a JSON object
    dialect     LONGTEXT    NOT NULL,            -- a JSON object
    status      VARCHAR(16) NOT NULL DEFAULT 'running',
    reason      LONGTEXT,                        -- why it did not finish, a JSON string: it may quote a NUL
    "read"      BIGINT      NOT NULL DEFAULT 0,
    inserted    BIGINT      NOT NULL DEFAULT 0,
    skipped     BIGINT      NOT NULL DEFAULT 0,
    rejected    BIGINT      NOT NULL DEFAULT 0,
    conflicts   BIGINT      NOT NULL DEFAULT 0,
    started_at  DATETIME    NOT NULL,
    updated_at  DATETIME    NOT NULL,
    finished_at DATETIME
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
