-- One department. Names may repeat: historical data has departments of one name.
CREATE TABLE IF NOT EXISTS departments (
    id         INTEGER NOT NULL PRIMARY KEY,
    department TEXT    NOT NULL
)
