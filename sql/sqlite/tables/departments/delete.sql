-- Deletes the rows that are stored under a JSON array of ids.
DELETE FROM departments
WHERE id IN (
    SELECT value
    FROM json_each(:ids)
)
