-- Changes stored rows to those of a JSON array, each of them an array in the order of the columns.
UPDATE departments
SET department = batch.row ->> 1
FROM json_array_elements(%(rows)s::json) AS batch (row)
WHERE departments.id = (batch.row ->> 0)::bigint
