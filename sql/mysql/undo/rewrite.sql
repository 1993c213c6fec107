-- Changes what stood before updates, unless that was deleted for good: a JSON array of arrays, of the number of each and
-- the content or null.
UPDATE JSON_TABLE(
    %(contents)s, '$[*]' COLUMNS (
        number BIGINT PATH '$[0]',
        content LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]'
    )
) AS changed
STRAIGHT_JOIN replaced FORCE INDEX (PRIMARY) ON replaced.number = changed.number
SET replaced.content = changed.content
WHERE replaced.content <> ''
