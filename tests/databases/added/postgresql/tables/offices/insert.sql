COPY offices (id, city, opened)
FROM STDIN WITH (FORMAT csv)
