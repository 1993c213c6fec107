-- How many seconds ago the oldest upload that is running began, and how many ago one of the last hundred finished last.
-- One that runs without a batch for a minute was interrupted.
SELECT
    (
        SELECT 86400.0 * (julianday('now') - julianday(min(started_at)))
        FROM uploads
        WHERE status = 'running'
          AND updated_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-60 seconds')
    ) AS oldest_running,
    (
        SELECT 86400.0 * (julianday('now') - julianday(max(finished_at)))
        FROM (
            SELECT finished_at
            FROM uploads
            WHERE status = 'finished'
            ORDER BY upload_id DESC
            LIMIT 100
        ) AS latest
    ) AS last_finished
