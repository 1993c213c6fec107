-- One row as it stood before an upload updated it.
CREATE TABLE replaced (
    number     BIGINT NOT NULL PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    upload_id  BIGINT NOT NULL,
    table_name TEXT NOT NULL,
    id         BIGINT NOT NULL,              -- the row's
    content    TEXT                         -- a JSON array in the order of the columns; NULL where nothing stood
)
