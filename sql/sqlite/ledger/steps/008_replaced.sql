-- One row as it stood before an upload updated it.
CREATE TABLE replaced (
    number     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    upload_id  INTEGER NOT NULL,
    table_name TEXT NOT NULL,
    id         INTEGER NOT NULL,             -- the row's
    content    TEXT                         -- a JSON array in the order of the columns; NULL where nothing stood
)
