"""The driver's errors in words that every database shares."""

import psycopg

from sql.errors import DatabaseFull, DatabaseUnavailable, LockTaken, RowRefused, StatementRefused

BUSY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)

AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)


def named(error: psycopg.Error) -> Exception:
    """Return our error for the driver's. No sentence of the driver's gets into an answer."""
    code = error.sqlstate or type(error).__name__
    if isinstance(error, psycopg.errors.DiskFull):
        return DatabaseFull("the database has no room left on its disk", code)
    if isinstance(error, BUSY):
        return LockTaken("the database is busy with another writer", code)
    if is_away(error):
        return DatabaseUnavailable("the database cannot be reached", code)
    if isinstance(error, psycopg.IntegrityError | psycopg.DataError):
        return RowRefused(str(error), code)
    return StatementRefused(str(error), code)


def is_away(error: psycopg.Error) -> bool:
    """Whether the server cannot go on, or only reads because another took its place."""
    return isinstance(error, AWAY) and not isinstance(error, (psycopg.errors.DiskFull, *BUSY))
