-- Claims a source for an upload.
UPDATE sources
SET upload_id = :upload_id,
    request_sha256 = :request_sha256,
    claimed_by = :claimed_by
WHERE source_sha256 = :source_sha256
