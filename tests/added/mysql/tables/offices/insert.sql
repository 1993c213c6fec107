INSERT INTO offices (id, city, opened)
VALUES (%s, %s, trim(TRAILING 'Z' FROM %s))
