-- Deletes the rows of ids, a JSON array.
DELETE FROM departments
WHERE id IN (SELECT value FROM json_each(:ids))
