-- By what its name begins with: the versions of an object.
CREATE INDEX sources_by_source
ON sources (source)
