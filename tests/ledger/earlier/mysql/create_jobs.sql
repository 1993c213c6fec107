-- One job. Names may repeat: historical data has jobs of one name.
CREATE TABLE IF NOT EXISTS jobs (
    id  BIGINT NOT NULL PRIMARY KEY,
    job VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
) ENGINE = InnoDB
