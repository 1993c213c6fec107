CREATE TABLE IF NOT EXISTS offices (
    id     INTEGER PRIMARY KEY,
    city   TEXT NOT NULL,
    opened TIMESTAMP
)
