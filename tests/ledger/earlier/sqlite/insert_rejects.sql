-- Two refused rows of the first upload; the second, `3;Köch;\xFF`, could not be split.
INSERT INTO rejects (upload_id, line, column_name, code, reason, record, fields)
VALUES
    (1, 4, 'id', 'not_an_integer', '"id is not an integer: ''x''"', X'783B4167656E74', '["x", "Agent"]'),
    (1, 5, NULL, 'wrong_field_count', '"the record has 3 fields: expected 2"', X'333B4BC3B663683B5C784646', 'null')
