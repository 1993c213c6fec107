-- One upload: what was sent, and how far it came. Times are UTC, as in 2021-07-27T16:02:08Z.
CREATE TABLE IF NOT EXISTS uploads (
    upload_id   INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    table_name  TEXT      NOT NULL,
    file_name   TEXT,
    sha256      TEXT      NOT NULL,              -- of the file as it was sent
    bytes       INTEGER   NOT NULL,              -- of the file as it was sent
    options     TEXT      NOT NULL,              -- a JSON object
    dialect     TEXT      NOT NULL,              -- a JSON object
    status      TEXT      NOT NULL DEFAULT 'running',
    reason      TEXT,                            -- why it did not finish, a JSON string: it may quote a NUL
    read        INTEGER   NOT NULL DEFAULT 0,
    inserted    INTEGER   NOT NULL DEFAULT 0,
    skipped     INTEGER   NOT NULL DEFAULT 0,
    rejected    INTEGER   NOT NULL DEFAULT 0,
    conflicts   INTEGER   NOT NULL DEFAULT 0,
    started_at  TIMESTAMP NOT NULL,
    updated_at  TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
)
