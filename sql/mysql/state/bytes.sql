-- How many bytes the tables of the database and their indexes have, as the server last counted them.
SELECT CAST(coalesce(sum(data_length + index_length), 0) AS SIGNED) AS "database"
FROM information_schema.tables
WHERE table_schema = database()
