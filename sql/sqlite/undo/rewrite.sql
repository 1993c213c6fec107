-- Changes what stood before updates: a JSON array of arrays, of each one's number and the content or null.
UPDATE replaced
SET content = json_extract(changed.value, '$[1]')
FROM json_each(:contents) AS changed
WHERE replaced.number = json_extract(changed.value, '$[0]')
