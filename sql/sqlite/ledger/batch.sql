-- Keeps what became of the ids of one batch.
INSERT INTO batches (
    upload_id,
    read_before,
    table_name,
    first_id,
    last_id,
    inserted,
    updated,
    skipped,
    conflicts
)
VALUES (
    :upload_id,
    :read_before,
    :table_name,
    :first_id,
    :last_id,
    :inserted,
    :updated,
    :skipped,
    :conflicts
)
