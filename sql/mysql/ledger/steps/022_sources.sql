-- One source of a file, and the upload that has loaded it or is at it.
CREATE TABLE sources (
    source_sha256  CHAR(64) NOT NULL PRIMARY KEY,
    source         VARCHAR(300) NOT NULL,    -- its beginning, where it is long
    request_sha256 CHAR(64),                 -- of the file, its table and its options
    claimed_by     CHAR(32),                 -- whoever began the upload's last attempt
    upload_id      BIGINT                    -- NULL in the transaction alone that claims the source first
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
