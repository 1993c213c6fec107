-- What a source has been claimed for, once nobody else is about to claim it.
SELECT
    upload_id,
    request_sha256,
    claimed_by
FROM sources
WHERE source_sha256 = %(source_sha256)s
FOR UPDATE
