"""What a worker's error means, of which the coordinator passes on the words alone.

Citus gives such an error the SQLSTATE XX000, "internal error", or that of whatever it was doing. The words are those of
PostgreSQL's sources, in English: catalog/faults.sql asks for that at the start.
"""

import psycopg
from psycopg import errors

MEANINGS: tuple[tuple[str, type[psycopg.Error]], ...] = (
    ("duplicate key value violates unique constraint", errors.UniqueViolation),
    ("violates check constraint", errors.CheckViolation),
    ("violates not-null constraint", errors.NotNullViolation),
    ("violates foreign key constraint", errors.ForeignKeyViolation),
    ("conflicting key value violates exclusion constraint", errors.ExclusionViolation),
    ("value too long for type", errors.StringDataRightTruncation),
    ("out of range", errors.NumericValueOutOfRange),
    ("invalid input syntax for type", errors.InvalidTextRepresentation),
    ("distributed deadlock", errors.DeadlockDetected),
    ("deadlock detected", errors.DeadlockDetected),
    ("canceling statement due to lock timeout", errors.LockNotAvailable),
    ("could not obtain lock", errors.LockNotAvailable),
    ("could not serialize access", errors.SerializationFailure),
    ("canceling statement due to statement timeout", errors.QueryCanceled),
    ("No space left on device", errors.DiskFull),
    ("terminating connection due to", errors.AdminShutdown),
    ("the database system is", errors.CannotConnectNow),
    ("cannot execute", errors.ReadOnlySqlTransaction),
    ("connection to the remote node", errors.ConnectionFailure),
    ("connection not open", errors.ConnectionFailure),
    ("lost connection", errors.ConnectionFailure),
    ("server closed the connection", errors.ConnectionFailure),
    ("could not connect", errors.ConnectionFailure),
    ("could not receive data", errors.ConnectionFailure),
    ("could not send data", errors.ConnectionFailure),
    ("no connection to the server", errors.ConnectionFailure),
    ("failed to complete COPY", errors.ConnectionFailure),
    ("failure on connection marked as essential", errors.ConnectionFailure),
    ("failed to execute task", errors.ConnectionFailure),
)
"""Words of an error, and what PostgreSQL itself calls that."""

UNSAID = errors.InternalError_.sqlstate


def meant(error: psycopg.Error) -> psycopg.Error:
    """Return the error that says by its class what is wrong: this one, or one with the same words."""
    words = str(error)
    kinds = (kind for known, kind in MEANINGS if known in words)
    return next(kinds, type(error))(words) if error.sqlstate == UNSAID else error
