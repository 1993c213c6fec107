-- Changes stored rows to those of a JSON array, each of them an array in the order of the columns.
UPDATE hired_employees
SET name = json_extract(batch.value, '$[1]'),
    datetime = json_extract(batch.value, '$[2]'),
    department_id = json_extract(batch.value, '$[3]'),
    job_id = json_extract(batch.value, '$[4]')
FROM json_each(:rows) AS batch
WHERE hired_employees.id = json_extract(batch.value, '$[0]')
