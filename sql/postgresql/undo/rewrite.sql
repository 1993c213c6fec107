-- Changes what stood before updates, unless that was deleted for good: a JSON array of arrays, of the number of each and
-- the content or null.
UPDATE replaced
SET content = changed.row ->> 1
FROM json_array_elements(%(contents)s::json) AS changed (row)
WHERE replaced.number = (changed.row ->> 0)::bigint
  AND replaced.content <> ''
