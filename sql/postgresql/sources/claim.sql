-- Makes room for a source, unless there is some. Whoever else does that at this moment is waited for.
INSERT INTO sources (source_sha256, source)
VALUES (%(source_sha256)s, %(source)s)
ON CONFLICT DO NOTHING
