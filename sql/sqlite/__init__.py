"""SQLite: all about it that is not SQL. How to connect, hold a transaction and hand a batch over."""

import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

from sql.errors import DatabaseBusy, DatabaseFull, DatabaseUnavailable, StatementRefused, TookTooLong, UrlRefused
from sql.pool import Pool
from sql.statements import Limits, Result, Statement
from sql.tables import Table

TYPES = {"integer": "integer", "bigint": "integer", "text": "text", "timestamp": "timestamp"}
"""This database's names of the column types."""

ERRORS: dict[int, tuple[type[Exception], str]] = {
    sqlite3.SQLITE_BUSY: (DatabaseBusy, "the database is busy with another writer"),
    sqlite3.SQLITE_LOCKED: (DatabaseBusy, "the database is busy with another writer"),
    sqlite3.SQLITE_CANTOPEN: (DatabaseUnavailable, "the database cannot be opened"),
    sqlite3.SQLITE_FULL: (DatabaseFull, "the database has no room left on its disk"),
}

PASSING = {"date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff"} | {
    *("current_date", "current_time", "current_timestamp", "random", "randomblob"),
}
"""Functions that may give something else without a change of the database: 'now' is among what the first ones take."""

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
"""What a report may do."""

WAL_RETRY_SECONDS = 0.02

WAL_BYTES_MAX = 64 * 2**20
"""Past this size a commit empties the WAL. SQLite itself begins it anew only in a moment in which no one reads from it:
https://sqlite.org/wal.html#avoiding_excessively_large_wal_files
"""

WAL_WAIT_SECONDS = 5
"""For so long that waits for those who read from it, and writers with it; then the WAL may grow to twice its size."""

PROGRESS_STEPS = 100_000
"""So many steps of SQLite's virtual machine pass between two looks at the clock: some milliseconds."""

ROWS_TOGETHER = 100
"""One INSERT takes this many rows, or fewer where a table has so many columns that SQLite takes no more parameters."""


def open_pool(url: str, busy_timeout: float, pool_size: int) -> Pool:
    """Return the connections to `sqlite:///relative.db` or `sqlite:////absolute.db`.

    A connection waits at most busy_timeout seconds for another writer. None is kept, whatever pool_size is: to open
    the file costs little. Raises UrlRefused for a wrong one.
    """
    path = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or path.name in ("", ":memory:"):
        raise UrlRefused(f"is {url}: expected sqlite:///FILE, or sqlite:////FILE from the root")
    if not path.parent.is_dir():
        raise UrlRefused(f"is {url}: there is no folder {path.parent}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UrlRefused(f"is {url}: it is no file that can be written")
    wal = Wal(path)
    return Pool(lambda: Connection(path, busy_timeout, wal), size=0, changes=Changes(path, busy_timeout))


class Connection:
    """One connection of one thread, in autocommit outside of `transaction`."""

    def __init__(self, path: Path, busy_timeout: float, wal: "Wal"):
        self._busy_timeout = busy_timeout
        self._wal = wal
        with _named_errors():
            self._connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None)

    def close(self) -> None:
        self._connection.close()

    def set_up(self) -> None:
        """Put the database into WAL mode, in which reports read while an upload writes.

        Another process that does the same at this moment makes it fail without regard to the busy timeout.
        """
        deadline = time.monotonic() + self._busy_timeout
        while True:
            try:
                with _named_errors():
                    self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except DatabaseBusy:
                if time.monotonic() > deadline:
                    raise
                time.sleep(WAL_RETRY_SECONDS)

    @contextmanager
    def creating(self) -> Iterator[None]:
        """Keep other processes from creating tables while the block does."""
        with self.transaction():
            yield

    def create(self, statement: Statement) -> None:
        """Run a statement that creates something, in the block of creating."""
        self.execute(statement, {})

    def prepare(self, statement: Statement, parameters: Mapping[str, Any] | None) -> None:
        """Compile a statement without running it; parameters None stands for any. Raises StatementRefused."""
        with _named_errors():
            values = defaultdict(lambda: None) if parameters is None else parameters
            self._connection.execute(f"EXPLAIN {statement.text}", values)

    def prepare_reading(self, statement: Statement, parameters: Mapping[str, Any]) -> None:
        """Compile a statement that may only read. Raises StatementRefused."""
        self._connection.set_authorizer(
            lambda action, *names: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY
        )
        try:
            self.prepare(statement, parameters)
        finally:
            self._connection.set_authorizer(None)

    @contextmanager
    def transaction(self, durable: bool = False) -> Iterator[None]:
        """Hold a transaction, with the write lock from its beginning; roll it back if the block raises.

        A durable one is on disk when the block ends, with all transactions before it: it syncs the WAL.
        """
        with _named_errors():
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
        self._wal.empty(self._connection, self._busy_timeout)

    def select(self, statement: Statement, parameters: Mapping[str, Any]) -> Result:
        """Return the names and rows that the statement gives."""
        with _named_errors():
            cursor = self._connection.execute(statement.text, parameters)
            return Result([column[0] for column in cursor.description], cursor.fetchall())

    def select_within(self, limits: Limits, statement: Statement, parameters: Mapping[str, Any]) -> Result:
        """Return what select does, within the limits. Raises TooManyRows and TookTooLong."""
        end = time.monotonic() + limits.seconds
        self._connection.set_progress_handler(lambda: time.monotonic() > end, PROGRESS_STEPS)
        try:
            with _named_errors():
                cursor = self._connection.execute(statement.text, parameters)
                return Result([column[0] for column in cursor.description], limits.keep(cursor))
        except StatementRefused as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
                raise TookTooLong(limits.seconds) from error
            raise
        finally:
            self._connection.set_progress_handler(None, 0)

    def execute(self, statement: Statement, parameters: Mapping[str, Any]) -> None:
        """Run a statement that gives no rows."""
        with _named_errors():
            self._connection.execute(statement.text, parameters)

    def insert(self, statement: Statement, parameters: Mapping[str, Any]) -> int:
        """Run a statement that inserts one row, and return the number that it was given."""
        return self.select(statement, parameters).rows[0][0]

    def execute_many(self, statement: Statement, parameters: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement that gives no rows once for each of the parameters."""
        with _named_errors():
            self._connection.executemany(statement.text, parameters)

    def as_list(self, ids: Sequence[int]) -> str:
        """Return ids as a statement takes them: a JSON array."""
        return str(ids)

    def insert_rows(self, table: Table, rows: Sequence[tuple[Any, ...]], meanwhile: Callable[[], None]) -> int:
        """Insert rows whose ids the transaction has not found, which its write lock keeps true.

        What stands behind VALUES is repeated for ROWS_TOGETHER rows: one by one they take twice the time. Returns the
        number of rows that INSERT OR IGNORE has not passed over. Nothing is done meanwhile: it all runs in this thread.
        """
        most = self._connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(table.columns)
        together = min(ROWS_TOGETHER, most)
        full = len(rows) // together * together
        return sum(
            self._insert_groups(table, part, size)
            for part, size in ((rows[:full], together), (rows[full:], len(rows) - full))
            if part
        )

    def _insert_groups(self, table: Table, rows: Sequence[tuple[Any, ...]], size: int) -> int:
        """Insert rows, so many with each INSERT, and return their number."""
        before, values, row = table.statements["insert"].text.rpartition("VALUES")
        groups = (list(chain.from_iterable(rows[start : start + size])) for start in range(0, len(rows), size))
        with _named_errors():
            return self._connection.executemany(f"{before}{values}{','.join([row] * size)}", groups).rowcount


class Wal:
    """The write-ahead log beside the file, which one connection after the other may find to be too large."""

    def __init__(self, path: Path):
        self._path = Path(f"{path}-wal")
        self._bytes_max = WAL_BYTES_MAX

    def empty(self, connection: sqlite3.Connection, busy_timeout: float) -> None:
        """Empty it if it has grown too large. Nothing is wrong where that fails: what is in it is committed."""
        with suppress(OSError, sqlite3.Error):
            size = self._path.stat().st_size
            if size <= self._bytes_max:
                return
            connection.execute(f"PRAGMA busy_timeout = {WAL_WAIT_SECONDS * 1000}")
            try:
                (was_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
            self._bytes_max = 2 * size if was_busy else WAL_BYTES_MAX


class Changes:
    """Sees every commit to the file, also those of other processes, by a connection that is kept open for it."""

    def __init__(self, path: Path, busy_timeout: float):
        self._path = path
        self._busy_timeout = busy_timeout
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._opened = 0
        self._lasting: dict[str, bool] = {}

    def version(self, statement: Statement) -> Hashable:
        """Return what changes with every commit, or None for a statement whose answer also changes without one.

        data_version counts the commits of all connections but its own, and compares only with itself:
        https://sqlite.org/pragma.html#pragma_data_version
        """
        with self._lock, _named_errors():
            connection = self._connect()
            if statement.text not in self._lasting:
                self._lasting[statement.text] = _functions(connection, statement).isdisjoint(PASSING)
            if not self._lasting[statement.text]:
                return None
            return self._opened, connection.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        """Close the connection; the next version opens another."""
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = None

    def _connect(self) -> sqlite3.Connection:
        """Return a connection to the file that is at the path now: another may have been put in its place."""
        found = self._path.stat()
        file = (found.st_dev, found.st_ino)
        if self._connection is None or self._file != file:
            if self._connection:
                self._connection.close()
            self._connection = sqlite3.connect(
                self._path, timeout=self._busy_timeout, isolation_level=None, check_same_thread=False
            )
            self._file = file
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


@contextmanager
def _named_errors() -> Iterator[None]:
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
