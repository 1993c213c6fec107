-- Changes what stood before updates: a JSON array of arrays, of each one's number and the content or null.
UPDATE replaced
SET content = changed.row ->> 1
FROM json_array_elements(%(contents)s::json) AS changed (row)
WHERE replaced.number = (changed.row ->> 0)::bigint
