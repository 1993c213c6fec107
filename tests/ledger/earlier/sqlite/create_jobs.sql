-- One job. Names may repeat: historical data has jobs of one name.
CREATE TABLE IF NOT EXISTS jobs (
    id  INTEGER NOT NULL PRIMARY KEY,
    job TEXT    NOT NULL
)
