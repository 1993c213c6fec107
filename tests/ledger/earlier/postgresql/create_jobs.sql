-- One job. Names may repeat: historical data has jobs of one name.
CREATE TABLE IF NOT EXISTS jobs (
    id  BIGINT           NOT NULL PRIMARY KEY,
    job TEXT COLLATE "C" NOT NULL
)
