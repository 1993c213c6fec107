-- Deletes the refused rows of an upload, as far as one of them.
DELETE FROM rejects
WHERE upload_id = %(upload_id)s
  AND line <= %(last)s
