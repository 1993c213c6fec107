-- Brings an upload's counts up to date, unless another attempt goes on with it or it is being taken back.
UPDATE uploads
SET "read" = %(read)s,
    inserted = %(inserted)s,
    updated = %(updated)s,
    skipped = %(skipped)s,
    rejected = %(rejected)s,
    conflicts = %(conflicts)s,
    updated_at = utc_timestamp()
WHERE upload_id = %(upload_id)s
  AND status = 'running'
  AND attempt = %(attempt)s
