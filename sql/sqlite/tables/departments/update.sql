-- Changes stored rows to those of a JSON array, each of them an array in the order of the columns.
UPDATE departments
SET department = json_extract(batch.value, '$[1]')
FROM json_each(:rows) AS batch
WHERE departments.id = json_extract(batch.value, '$[0]')
