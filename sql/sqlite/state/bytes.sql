-- How many bytes the database has; its write-ahead log is a file beside it.
SELECT page_count * page_size AS "database"
FROM pragma_page_count, pragma_page_size
