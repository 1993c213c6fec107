-- Deletes the rows of ids, a JSON array.
DELETE FROM hired_employees
WHERE id IN (SELECT value FROM json_each(:ids))
