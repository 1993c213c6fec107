"""The driver's errors in words that every database shares."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sql.errors import DatabaseBusy, DatabaseFull, DatabaseUnavailable, StatementRefused, UrlRefused

ERRORS: dict[int, tuple[type[Exception], str]] = {
    sqlite3.SQLITE_BUSY: (DatabaseBusy, "the database is busy with another writer"),
    sqlite3.SQLITE_LOCKED: (DatabaseBusy, "the database is busy with another writer"),
    sqlite3.SQLITE_CANTOPEN: (DatabaseUnavailable, "the database cannot be opened"),
    sqlite3.SQLITE_FULL: (DatabaseFull, "the database has no room left on its disk"),
}


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            raise UrlRefused("names a file that is no SQLite database") from error
        if code in ERRORS:
            kind, sentence = ERRORS[code]
            raise kind(sentence) from error
        raise StatementRefused(str(error)) from error
