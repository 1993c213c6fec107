INSERT INTO offices (id, city, opened)
VALUES (%s, %s, %s)
