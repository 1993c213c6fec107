"""SQLite: all about it that is not SQL. How to connect, hold a transaction and hand a batch over."""

import json
import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sql.errors import DatabaseFull, DatabaseUnavailable, RowsLost, StartRefused
from sql.statements import Result, Statement
from sql.stats import Report
from sql.tables import Table

TYPES = {"integer": "integer", "bigint": "integer", "text": "text", "timestamp": "timestamp"}
"""This database's names of the column types."""

ERRORS: dict[int, tuple[type[Exception], str]] = {
    sqlite3.SQLITE_BUSY: (DatabaseUnavailable, "the database is busy with another writer"),
    sqlite3.SQLITE_LOCKED: (DatabaseUnavailable, "the database is busy with another writer"),
    sqlite3.SQLITE_CANTOPEN: (DatabaseUnavailable, "the database cannot be opened"),
    sqlite3.SQLITE_FULL: (DatabaseFull, "the database has no room left on its disk"),
}

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
"""What a report may do."""

WAL_RETRY_SECONDS = 0.02


def connector(url: str, busy_timeout: float) -> Callable[[], "Connection"]:
    """Return what opens a connection to `sqlite:///relative.db` or `sqlite:////absolute.db`.

    A connection waits at most busy_timeout seconds for another writer. Raises StartRefused for a wrong URL.
    """
    path = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or path.name in ("", ":memory:"):
        raise StartRefused(f"DATABASE_URL is {url}: expected sqlite:///FILE, or sqlite:////FILE from the root")
    if not path.parent.is_dir():
        raise StartRefused(f"DATABASE_URL is {url}: there is no folder {path.parent}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise StartRefused(f"DATABASE_URL is {url}: it is no file that can be written")
    return lambda: Connection(path, busy_timeout)


class Connection:
    """One connection of one thread, in autocommit outside of `transaction`."""

    def __init__(self, path: Path, busy_timeout: float):
        self._busy_timeout = busy_timeout
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
            except DatabaseUnavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(WAL_RETRY_SECONDS)

    def prepare(self, statement: Statement, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> None:
        """Compile a statement without running it; parameters None stands for any named ones.

        Raises StartRefused for a statement that the database does not take.
        """
        values = defaultdict(lambda: None) if parameters is None else parameters
        try:
            with _named_errors():
                self._connection.execute(f"EXPLAIN {statement.text}", values)
        except (sqlite3.Error, sqlite3.Warning) as error:
            is_denied = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_AUTH
            raise StartRefused(f"{statement.path}: {'a report only reads' if is_denied else error}") from None

    def prepare_report(self, report: Report) -> None:
        """Compile a report. Raises StartRefused also for one that would write."""
        self._connection.set_authorizer(
            lambda action, *names: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY
        )
        try:
            self.prepare(report.statement, {parameter.name: None for parameter in report.parameters})
        finally:
            self._connection.set_authorizer(None)

    def prepare_table(self, table: Table) -> None:
        """Compile a table's statements. Raises StartRefused also where they give or name other columns than it has."""
        names = [column.name for column in table.columns]
        parameters: dict[str, Any] = {
            "insert": [None] * len(names),
            "stored": {"ids": "[]"},
            "page": {"first": 0, "rows": 0},
            # Most likely no table has the smallest id, so that its references are unknown.
            "references": {column.name: f"[{-(2**63)}]" for column in table.columns if column.type == "integer"},
        }
        for statement in table.statements.values():
            self.prepare(statement, parameters.get(statement.name))
        for name in ("stored", "page"):
            path = table.statements[name].path
            found = self.select(table.statements[name], parameters[name]).names
            if found != names:
                raise StartRefused(f"{path} gives {', '.join(found)}: expected {', '.join(names)}")
        for name, _ in self.unknown(table, [tuple(-(2**63) for _ in names)]):
            if name not in names:
                raise StartRefused(f"{table.statements['references'].path} names {name}: expected {', '.join(names)}")

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

    def select(self, statement: Statement, parameters: Mapping[str, Any]) -> Result:
        """Return the names and rows that the statement gives."""
        with _named_errors():
            cursor = self._connection.execute(statement.text, parameters)
            return Result([column[0] for column in cursor.description], cursor.fetchall())

    def execute(self, statement: Statement, parameters: Mapping[str, Any]) -> None:
        """Run a statement that gives no rows."""
        with _named_errors():
            self._connection.execute(statement.text, parameters)

    def execute_many(self, statement: Statement, parameters: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement that gives no rows once for each of the parameters."""
        with _named_errors():
            self._connection.executemany(statement.text, parameters)

    def unknown(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> set[tuple[str, int]]:
        """Return the references of the rows to ids that are in no other table: the column's name and the id."""
        if "references" not in table.statements:
            return set()
        ids = {
            column.name: json.dumps(sorted({row[place] for row in rows} - {None}))
            for place, column in enumerate(table.columns)
            if column.type == "integer"
        }
        return set(self.select(table.statements["references"], ids).rows)

    def store(self, table: Table, rows: Mapping[int, tuple[Any, ...]]) -> dict[int, tuple[Any, ...]]:
        """Insert a batch of rows by id, and return those that were stored under these ids before.

        Runs in a transaction, whose write lock keeps the pre-select true until the insert. Raises RowsLost where
        INSERT OR IGNORE passed over a row for another reason than its id.
        """
        stored = {row[0]: row for row in self.select(table.statements["stored"], {"ids": json.dumps([*rows])}).rows}
        new = [row for row in rows.values() if row[0] not in stored]
        with _named_errors():
            inserted = self._connection.executemany(table.statements["insert"].text, new).rowcount if new else 0
        if inserted != len(new):
            raise RowsLost(
                f"{table.name} took {inserted} of {len(new)} new rows: a rule of its own, such as CHECK or UNIQUE, "
                "refuses the others. None of this batch is stored"
            )
        return stored


@contextmanager
def _named_errors() -> Iterator[None]:
    """Turn the driver's errors that have a name of ours into ours; the others pass."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            raise StartRefused("DATABASE_URL names a file that is no SQLite database") from error
        if code in ERRORS:
            kind, sentence = ERRORS[code]
            raise kind(sentence) from error
        raise
