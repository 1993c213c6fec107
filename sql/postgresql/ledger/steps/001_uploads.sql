-- One upload: what was sent, and how far it came.
CREATE TABLE IF NOT EXISTS uploads (
    upload_id   BIGINT      NOT NULL PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    table_name  TEXT        NOT NULL,
    file_name   TEXT,
    sha256      TEXT        NOT NULL,            -- of the file as it was sent
    bytes       BIGINT      NOT NULL,            -- of the file as it was sent
    options     TEXT        NOT NULL,            -- a JSON object
    dialect     TEXT        NOT NULL,            -- a JSON object
    status      TEXT        NOT NULL DEFAULT 'running',
    reason      TEXT,                            -- why it did not finish, a JSON string: it may quote a NUL
    read        BIGINT      NOT NULL DEFAULT 0,
    inserted    BIGINT      NOT NULL DEFAULT 0,
    skipped     BIGINT      NOT NULL DEFAULT 0,
    rejected    BIGINT      NOT NULL DEFAULT 0,
    conflicts   BIGINT      NOT NULL DEFAULT 0,
    started_at  TIMESTAMPTZ NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ
)
