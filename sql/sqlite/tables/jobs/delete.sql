-- Deletes the rows of ids, a JSON array.
DELETE FROM jobs
WHERE id IN (SELECT value FROM json_each(:ids))
