-- One department. Names may repeat: historical data has departments of one name.
CREATE TABLE IF NOT EXISTS departments (
    id         BIGINT           NOT NULL PRIMARY KEY,
    department TEXT COLLATE "C" NOT NULL
)
