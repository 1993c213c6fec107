"""Checked batches -> the database: one by one, or the whole file at once. What `load` is made of."""
