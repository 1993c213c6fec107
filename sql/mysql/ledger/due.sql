-- An upload of which rows are to be deleted now: that was begun, or it ended, or broke off, more than so many days ago.
SELECT upload_id
FROM (
    SELECT upload_id
    FROM (
        SELECT upload_id
        FROM uploads
        WHERE erasure = 1
          AND status <> 'undoing'
        ORDER BY finished_at, upload_id
        LIMIT 1
    ) AS begun
    UNION ALL
    SELECT upload_id
    FROM (
        SELECT upload_id
        FROM uploads
        WHERE erasure = 0
          AND finished_at < utc_timestamp() - INTERVAL %(days)s DAY
          AND status <> 'undoing'
        ORDER BY finished_at, upload_id
        LIMIT 1
    ) AS ended
    UNION ALL
    SELECT upload_id
    FROM (
        SELECT upload_id
        FROM uploads
        WHERE erasure = 0
          AND finished_at IS NULL
          AND updated_at < utc_timestamp() - INTERVAL %(days)s DAY
          AND status <> 'undoing'
        ORDER BY finished_at, upload_id
        LIMIT 1
    ) AS broken_off
) AS due
ORDER BY upload_id
LIMIT 1
