-- What became of the ids of one batch of an upload.
CREATE TABLE batches (
    upload_id   BIGINT NOT NULL,
    read_before BIGINT NOT NULL,             -- the records of the file that were read before it
    table_name  TEXT,                        -- where its rows are; NULL where they were rolled back or taken back
    first_id    BIGINT NOT NULL,             -- the smallest of its ids
    last_id     BIGINT NOT NULL,             -- the largest of them
    inserted    TEXT   NOT NULL,             -- ids in file order, as runs: 1-1000,7,7
    updated     TEXT   NOT NULL,
    skipped     TEXT   NOT NULL,
    conflicts   TEXT   NOT NULL,             -- those of the skipped ones whose row differs
    PRIMARY KEY (upload_id, read_before)
)
