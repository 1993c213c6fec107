-- Where the next of the refused rows of an upload end, and how many these are.
SELECT
    max(line) AS last,
    count(*) AS found
FROM (
    SELECT line
    FROM rejects
    WHERE upload_id = %(upload_id)s
    ORDER BY line
    LIMIT %(rows)s
) AS ahead
