-- How an upload stands of which rows are to be deleted, once no other transaction can change that.
SELECT
    CASE
        WHEN status = 'running' AND updated_at < clock_timestamp() - interval '60 seconds'
        THEN 'interrupted'
        ELSE status
    END AS status,
    dialect,
    erasure
FROM uploads
WHERE upload_id = %(upload_id)s
FOR UPDATE
