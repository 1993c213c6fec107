"""What the .sql files of a database's folder say, read at the start and tried out before the first use."""
