-- Keeps one refused row.
INSERT INTO rejects (upload_id, line, column_name, code, reason, record, fields)
VALUES (:upload_id, :line, :column_name, :code, :reason, :record, :fields)
