-- Changes no row, on every shard: those that have been read from are committed in two phases then, like those written to.
DELETE FROM jobs
WHERE id IS NULL
