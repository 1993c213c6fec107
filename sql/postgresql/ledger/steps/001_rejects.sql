-- One refused row of an upload. No two records of a file start on one line.
CREATE TABLE IF NOT EXISTS rejects (
    upload_id   BIGINT NOT NULL,
    line        BIGINT NOT NULL,                 -- the physical line that the record starts on
    column_name TEXT,                            -- NULL where the whole record is at fault
    code        TEXT   NOT NULL,
    reason      TEXT   NOT NULL,                 -- a JSON string: it may quote a NUL
    record      BYTEA  NOT NULL,                 -- as it was sent: UTF-8, each byte that is no text as \xNN
    fields      TEXT   NOT NULL,                 -- a JSON array, or null where it could not be split into columns
    PRIMARY KEY (upload_id, line)
)
