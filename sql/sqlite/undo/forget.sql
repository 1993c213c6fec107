-- Forgets the updates of an upload up to a number: they are taken back.
DELETE FROM replaced
WHERE upload_id = :upload_id
  AND number <= :number
