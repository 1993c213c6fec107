-- The counts of an upload, once no other transaction can change them.
SELECT
    read,
    inserted,
    updated,
    skipped,
    rejected,
    conflicts
FROM uploads
WHERE upload_id = %(upload_id)s
FOR UPDATE
