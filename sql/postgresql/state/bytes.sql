-- How many bytes the database has on disk, without the server's write-ahead log.
SELECT pg_database_size(current_database()) AS "database"
