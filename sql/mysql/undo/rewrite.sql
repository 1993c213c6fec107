-- Changes what stood before updates: a JSON array of arrays, of each one's number and the content or null.
UPDATE JSON_TABLE(
    %(contents)s, '$[*]' COLUMNS (
        number BIGINT PATH '$[0]',
        content LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]'
    )
) AS changed
STRAIGHT_JOIN replaced FORCE INDEX (PRIMARY) ON replaced.number = changed.number
SET replaced.content = changed.content
