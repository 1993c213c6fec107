-- The latest upload, if there is any: the database answers from a page of the ledger.
SELECT
    upload_id,
    status
FROM uploads
ORDER BY upload_id DESC
LIMIT 1
