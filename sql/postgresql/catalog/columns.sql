-- The columns of a table in their order.
SELECT
    pg_attribute.attname AS name,
    format_type(pg_attribute.atttypid, pg_attribute.atttypmod) AS type,
    pg_attribute.attnotnull AS required,
    coalesce(pg_attribute.attnum = ANY(pg_index.indkey), FALSE) AS is_key
FROM pg_attribute
LEFT JOIN pg_index
    ON pg_index.indrelid = pg_attribute.attrelid
    AND pg_index.indisprimary
WHERE pg_attribute.attrelid = to_regclass(quote_ident(%(table)s))
  AND pg_attribute.attnum > 0
  AND NOT pg_attribute.attisdropped
ORDER BY pg_attribute.attnum
