-- How far the taking back of one upload has come.
CREATE TABLE undone (
    upload_id          BIGINT NOT NULL PRIMARY KEY,
    removed            BIGINT NOT NULL,                        -- rows that were deleted
    restored           BIGINT NOT NULL,                        -- rows that stand as they did before the upload changed them
    kept               BIGINT NOT NULL,                        -- rows that stay, since a later upload changed them
    kept_ids           LONGTEXT NOT NULL,                      -- the first of their ids, a JSON array
    skipped_by         LONGTEXT NOT NULL,                      -- later uploads that skipped ids which are gone: a JSON array
    looked_upload_id   BIGINT NOT NULL,                        -- the batch of a later upload up to which was looked for those
    looked_read_before BIGINT NOT NULL,
    is_done            INT NOT NULL,
    updated_at         DATETIME NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
