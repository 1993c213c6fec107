-- One source of a file, and the upload that has loaded it or is at it.
CREATE TABLE sources (
    source_sha256  TEXT NOT NULL PRIMARY KEY,
    source         TEXT NOT NULL,            -- its beginning, where it is long
    request_sha256 TEXT,                     -- of the file, its table and its options
    claimed_by     TEXT,                     -- whoever began the upload's last attempt
    upload_id      BIGINT                    -- NULL in the transaction alone that claims the source first
)
