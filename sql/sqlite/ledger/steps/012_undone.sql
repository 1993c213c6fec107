-- How far the taking back of one upload has come.
CREATE TABLE undone (
    upload_id          INTEGER NOT NULL PRIMARY KEY,
    removed            INTEGER NOT NULL,                       -- rows that were deleted
    restored           INTEGER NOT NULL,                       -- rows that stand as they did before the upload changed them
    kept               INTEGER NOT NULL,                       -- rows that stay, since a later upload changed them
    kept_ids           TEXT NOT NULL,                          -- the first of their ids, a JSON array
    skipped_by         TEXT NOT NULL,                          -- later uploads that skipped ids which are gone: a JSON array
    looked_upload_id   INTEGER NOT NULL,                       -- the batch of a later upload up to which was looked for those
    looked_read_before INTEGER NOT NULL,
    is_done            INTEGER NOT NULL,
    updated_at         TIMESTAMP NOT NULL
)
