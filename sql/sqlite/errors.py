"""The driver's errors in words that every database shares."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sql.errors import (
    DatabaseBusy,
    DatabaseError,
    DatabaseFull,
    DatabaseOutOfOrder,
    DatabaseUnavailable,
    RowRefused,
    StatementRefused,
)

BUSY = "the database is busy with another writer"

ERRORS: dict[int, tuple[type[DatabaseError], str]] = {
    sqlite3.SQLITE_BUSY: (DatabaseBusy, BUSY),
    sqlite3.SQLITE_LOCKED: (DatabaseBusy, BUSY),
    sqlite3.SQLITE_CANTOPEN: (DatabaseUnavailable, "the database cannot be opened"),
    sqlite3.SQLITE_IOERR: (DatabaseUnavailable, "the disk of the database cannot be read or written"),
    sqlite3.SQLITE_READONLY: (DatabaseOutOfOrder, "the file of the database cannot be written"),
    sqlite3.SQLITE_NOTADB: (DatabaseOutOfOrder, "the file of the database is no SQLite database: put it back"),
    sqlite3.SQLITE_CORRUPT: (DatabaseOutOfOrder, "the file of the database is damaged: put a sound copy in its place"),
    sqlite3.SQLITE_FULL: (DatabaseFull, "the database has no room left on its disk"),
}


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in ERRORS:
            kind, sentence = ERRORS[code]
            raise kind(sentence, _own_code(error)) from error
        if code in (sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH):
            raise RowRefused(str(error), _own_code(error)) from error
        raise StatementRefused(str(error), _own_code(error)) from error


def _own_code(error: sqlite3.Error | sqlite3.Warning) -> str:
    """Return what SQLite calls an error, or what its driver does."""
    return getattr(error, "sqlite_errorname", None) or type(error).__name__
