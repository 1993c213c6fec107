"""Whether anything was committed to the file: what is remembered of it is right until then."""

import sqlite3
from collections import defaultdict
from collections.abc import Hashable
from threading import Lock

from sql.files.statements import Statement
from sql.sqlite.errors import named_errors
from sql.sqlite.file import File, State

PASSING = {"date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff"} | {
    *("current_date", "current_time", "current_timestamp", "random", "randomblob"),
}
"""Functions that may give something else without a change of the database: 'now' is among what the first ones take."""


class Changes:
    """Sees every commit to the file, also those of other processes, by a connection that is kept open for it."""

    def __init__(self, file: File, busy_timeout: float):
        self._file = file
        self._busy_timeout = busy_timeout
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._state: State | None = None
        self._opened = 0
        self._lasting: dict[str, bool] = {}

    def version(self, statement: Statement) -> Hashable:
        """Return what changes with every commit, or None for a statement whose answer also changes without one.

        data_version counts the commits of all connections but its own, and compares only with itself:
        https://sqlite.org/pragma.html#pragma_data_version
        """
        with self._lock, named_errors():
            connection = self._connect()
            if statement.text not in self._lasting:
                self._lasting[statement.text] = _functions(connection, statement).isdisjoint(PASSING)
            if not self._lasting[statement.text]:
                return None
            return self._opened, connection.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        """Close the connection; the next version opens another."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _connect(self) -> sqlite3.Connection:
        """Return a connection to the file that is at the path now: another may have been put in its place.

        Where anything else has changed of it since, such as by a copy of the WAL into it, another connection does no
        harm. The last that is closed copies the WAL too: the state is that of afterwards.
        """
        if self._connection is None or self._file.look() != self._state:
            self._close()
            self._state = self._file.look()
            self._connection = self._file.connect(self._busy_timeout, check_same_thread=False)
            self._opened += 1
        return self._connection


def _functions(connection: sqlite3.Connection, statement: Statement) -> set[str]:
    """Return the names of the functions that the statement calls."""
    called: set[str] = set()

    def note(action: int, _: str | None, name: str | None, *more: str | None) -> int:
        if action == sqlite3.SQLITE_FUNCTION and name:
            called.add(name.lower())
        return sqlite3.SQLITE_OK

    connection.set_authorizer(note)
    try:
        connection.execute(f"EXPLAIN {statement.text}", defaultdict(lambda: None))
    finally:
        connection.set_authorizer(None)
    return called
