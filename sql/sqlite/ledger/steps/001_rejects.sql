-- One refused row of an upload. No two records of a file start on one line.
CREATE TABLE IF NOT EXISTS rejects (
    upload_id   INTEGER NOT NULL,
    line        INTEGER NOT NULL,                -- the physical line that the record starts on
    column_name TEXT,                            -- NULL where the whole record is at fault
    code        TEXT    NOT NULL,
    reason      TEXT    NOT NULL,                -- a JSON string: it may quote a NUL
    record      BLOB    NOT NULL,                -- as it was sent: text, each byte that is no text as \xNN
    fields      TEXT    NOT NULL,                -- a JSON array, or null where it could not be split into columns
    PRIMARY KEY (upload_id, line)
) WITHOUT ROWID
