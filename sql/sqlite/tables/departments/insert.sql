-- Adds one row; a row whose id is stored changes nothing.
INSERT OR IGNORE INTO departments (id, department)
VALUES (?, ?)
