-- How many records of an upload were read.
SELECT read
FROM uploads
WHERE upload_id = :upload_id
