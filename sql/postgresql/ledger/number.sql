-- The number of the ledger's schema, or NULL where none is kept yet.
SELECT max(number) AS number
FROM ledger_schema
