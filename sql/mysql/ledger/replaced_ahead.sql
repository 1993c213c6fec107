-- Where the next of the rows that an upload replaced end, and how many these are.
SELECT
    max(number) AS last,
    count(*) AS found
FROM (
    SELECT number
    FROM replaced
    WHERE upload_id = %(upload_id)s
      AND content <> ''
    ORDER BY number
    LIMIT %(rows)s
) AS ahead
