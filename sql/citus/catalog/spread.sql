-- One table that is not on the coordinator alone.
SELECT relname AS name
FROM pg_dist_partition
JOIN pg_class ON pg_class.oid = logicalrelid
WHERE relnamespace = to_regnamespace(current_schema())
