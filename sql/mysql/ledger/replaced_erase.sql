-- Empties the rows that an upload replaced, as far as one of them. That it did change them stays: who takes an earlier
-- upload back has to know.
UPDATE replaced
SET content = ''
WHERE upload_id = %(upload_id)s
  AND number <= %(last)s
  AND content <> ''
