-- One reason why rows could be lost here, or counted wrongly: a sentence.
WITH
spread AS (
    SELECT
        relname AS name,
        partmethod = 'n' AND repmodel = 't' AS is_reference,
        CASE WHEN partmethod = 'h' AND repmodel = 's' THEN column_to_column_name(logicalrelid, partkey) END AS spread_by,
        (
            SELECT attname
            FROM pg_index
            JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
            WHERE indrelid = logicalrelid
              AND indisprimary
        ) AS key
    FROM pg_dist_partition
    JOIN pg_class ON pg_class.oid = logicalrelid
    WHERE relnamespace = to_regnamespace(current_schema())
),
settings AS (
    SELECT
        nodename || ':' || nodeport AS node,
        result AS language
    FROM run_command_on_all_nodes('SHOW lc_messages')
    JOIN pg_dist_node USING (nodeid)
    WHERE success
)
SELECT 'this is a worker of Citus: expected its coordinator' AS fault
FROM pg_dist_local_group
WHERE groupid <> 0
UNION ALL
SELECT 'the table ' || name || ' is distributed: expected it on the coordinator alone'
FROM spread
WHERE name IN ('uploads', 'rejects', 'batches', 'replaced', 'undone', 'sources', 'ledger_schema')
UNION ALL
SELECT 'the table ' || name || ' is not distributed by its key: expected it by ' || key || ', or as a reference table'
FROM spread
WHERE NOT is_reference
  AND spread_by IS DISTINCT FROM key
UNION ALL
SELECT 'lc_messages is ' || language || ' on ' || node || ': expected C, the language in which errors are understood'
FROM settings
WHERE language !~ '^(C|POSIX|en|$)'
