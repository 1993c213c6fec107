-- What became of the ids of one batch of an upload.
CREATE TABLE batches (
    upload_id   BIGINT      NOT NULL,
    read_before BIGINT      NOT NULL,        -- the records of the file that were read before it
    table_name  VARCHAR(64),                 -- where its rows are; NULL where they were rolled back or taken back
    first_id    BIGINT      NOT NULL,        -- the smallest of its ids
    last_id     BIGINT      NOT NULL,        -- the largest of them
    inserted    LONGTEXT    NOT NULL,        -- ids in file order, as runs: 1-1000,7,7
    updated     LONGTEXT    NOT NULL,
    skipped     LONGTEXT    NOT NULL,
    conflicts   LONGTEXT    NOT NULL,        -- those of the skipped ones whose row differs
    PRIMARY KEY (upload_id, read_before)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
