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
    %(upload_id)s,
    %(read_before)s,
    %(table_name)s,
    %(first_id)s,
    %(last_id)s,
    %(inserted)s,
    %(updated)s,
    %(skipped)s,
    %(conflicts)s
)
