-- Keeps one refused row.
INSERT INTO rejects (upload_id, line, column_name, code, reason, record, fields, delimiter)
VALUES (:upload_id, :line, :column_name, :code, :reason, :record, :fields, :delimiter)
