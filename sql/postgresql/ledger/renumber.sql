-- Keeps the number that the ledger's schema has now.
INSERT INTO ledger_schema (number)
VALUES (%(number)s)
ON CONFLICT DO NOTHING
