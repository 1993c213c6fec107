SELECT count(*) AS rows
FROM offices
