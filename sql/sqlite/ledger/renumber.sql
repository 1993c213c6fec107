-- Keeps the number that the ledger's schema has now.
INSERT INTO ledger_schema (number)
VALUES (:number)
ON CONFLICT DO NOTHING
