-- How many records of an upload were read, once no other transaction can change it.
SELECT read
FROM uploads
WHERE upload_id = %(upload_id)s
FOR UPDATE
