-- One department. Names may repeat: historical data has departments of one name.
CREATE TABLE IF NOT EXISTS departments (
    id         BIGINT NOT NULL PRIMARY KEY,
    department VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
) ENGINE = InnoDB
