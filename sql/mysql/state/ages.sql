-- How many seconds ago the oldest upload that is running began, and how many ago one of the last hundred finished last.
-- One that runs without a batch for a minute was interrupted.
SELECT
    (
        SELECT timestampdiff(MICROSECOND, min(started_at), utc_timestamp(6)) / 1000000e0
        FROM uploads
        WHERE status = 'running'
          AND updated_at >= utc_timestamp() - INTERVAL 60 SECOND
    ) AS oldest_running,
    (
        SELECT timestampdiff(MICROSECOND, max(finished_at), utc_timestamp(6)) / 1000000e0
        FROM (
            SELECT finished_at
            FROM uploads
            WHERE status = 'finished'
            ORDER BY upload_id DESC
            LIMIT 100
        ) AS latest
    ) AS last_finished
