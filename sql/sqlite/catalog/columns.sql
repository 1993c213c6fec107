-- The columns of a table in their order. SQLite reports an INTEGER PRIMARY KEY as nullable: it is required.
SELECT
    name,
    lower(type) AS type,
    "notnull" OR pk AS required,
    pk AS is_key
FROM pragma_table_info(:table)
ORDER BY cid
