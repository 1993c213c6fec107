-- The columns of a table in their order.
SELECT
    column_name AS name,
    data_type AS type,
    is_nullable = 'NO' AS required,
    column_key = 'PRI' AS is_key
FROM information_schema.columns
WHERE table_schema = database()
  AND table_name = %(table)s
ORDER BY ordinal_position
