-- What a source has been claimed for.
SELECT
    upload_id,
    request_sha256,
    claimed_by
FROM sources
WHERE source_sha256 = :source_sha256
