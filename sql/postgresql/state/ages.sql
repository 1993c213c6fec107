-- How many seconds ago the oldest upload that is running began, and how many ago one of the last hundred finished last.
-- One that runs without a batch for a minute was interrupted.
SELECT
    (
        SELECT extract(epoch FROM clock_timestamp() - min(started_at))::float8
        FROM uploads
        WHERE status = 'running'
          AND updated_at >= clock_timestamp() - interval '60 seconds'
    ) AS oldest_running,
    (
        SELECT extract(epoch FROM clock_timestamp() - max(finished_at))::float8
        FROM (
            SELECT finished_at
            FROM uploads
            WHERE status = 'finished'
            ORDER BY upload_id DESC
            LIMIT 100
        ) AS latest
    ) AS last_finished
