-- Keeps one refused row.
INSERT INTO rejects (upload_id, line, column_name, code, reason, record, fields, delimiter)
VALUES (%(upload_id)s, %(line)s, %(column_name)s, %(code)s, %(reason)s, %(record)s, %(fields)s, %(delimiter)s)
