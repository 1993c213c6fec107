-- Changes what stood before updates, unless that was deleted for good: a JSON array of arrays, of the number of each and
-- the content or null.
UPDATE replaced
SET content = json_extract(changed.value, '$[1]')
FROM json_each(:contents) AS changed
WHERE replaced.number = json_extract(changed.value, '$[0]')
  AND replaced.content <> ''
