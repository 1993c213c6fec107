-- Claims a source for an upload.
UPDATE sources
SET upload_id = %(upload_id)s,
    request_sha256 = %(request_sha256)s,
    claimed_by = %(claimed_by)s
WHERE source_sha256 = %(source_sha256)s
