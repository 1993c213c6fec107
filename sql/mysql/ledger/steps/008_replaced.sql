-- One row as it stood before an upload updated it.
CREATE TABLE replaced (
    number     BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT,
    upload_id  BIGINT NOT NULL,
    table_name VARCHAR(64) NOT NULL,
    id         BIGINT NOT NULL,              -- the row's
    content    LONGTEXT                         -- a JSON array in the order of the columns; NULL where nothing stood
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
