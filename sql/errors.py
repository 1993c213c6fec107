"""What can go wrong with a database, in words that every database shares."""


class DatabaseUnavailable(Exception):
    """The database is busy or away; trying again later may help."""


class DatabaseFull(Exception):
    """The database has no room left."""


class RowsLost(Exception):
    """The database stored fewer rows of a batch than it was given, so the batch was rolled back."""


class StartRefused(Exception):
    """The service cannot start with this DATABASE_URL or these .sql files."""
