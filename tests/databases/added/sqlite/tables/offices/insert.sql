INSERT OR IGNORE INTO offices (id, city, opened)
VALUES (?, ?, ?)
