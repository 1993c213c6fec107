"""One connection: how it reads, writes, and holds a transaction."""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from sql.batch import as_json
from sql.connections.waits import waiting
from sql.errors import DatabaseBusy, StatementRefused, TookTooLong
from sql.files.statements import Limits, Result, Statement
from sql.files.tables import Table
from sql.sqlite.errors import named_errors
from sql.sqlite.file import File
from sql.sqlite.insert import insert_rows
from sql.sqlite.wal import Wal
from sql.sqlite.writers import Writers

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
"""What a report may do."""

WAL_RETRY_SECONDS = 0.02

SHORT_BATCHES = 20
"""So many batches of an upload are written as soon as those that wait have written one each. Then it is long, and
takes turns with other long ones: see Writers.
"""

PROGRESS_STEPS = 100_000
"""So many steps of SQLite's virtual machine pass between two looks at the clock: some milliseconds."""


class Connection:
    """One connection of one thread, in autocommit outside of `transaction`."""

    variant = ""
    looks_first = True

    def __init__(self, file: File, busy_timeout: float, wal: Wal, writers: Writers):
        self._file = file
        self._writers = writers
        self._busy_timeout = busy_timeout
        self._wal = wal
        self._place = file.look().place
        self._connection = file.connect(busy_timeout)
        self._batches = 0  # since the last durable transaction, as one that begins or ends an upload is

    def close(self) -> None:
        self._connection.close()

    def set_up(self) -> None:
        """Put the database into WAL mode, in which reports read while an upload writes.

        Another process that does the same at this moment makes it fail without regard to the busy timeout.
        """
        deadline = time.monotonic() + self._busy_timeout
        while True:
            try:
                with named_errors():
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
        with named_errors():
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

        A durable one is on disk when the block ends, with all transactions before it: it syncs the WAL. Raises
        DatabaseOutOfOrder also where the file is another one by then.
        """
        self._file.expect(self._place)
        with named_errors():
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with ExitStack() as turn:
                with waiting():
                    is_long = self._batches >= SHORT_BATCHES
                    turn.enter_context(self._writers.turn(self._connection, self._busy_timeout, is_long))
                try:
                    yield
                    self._connection.execute("COMMIT")
                finally:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                self._file.expect(self._place)
                self._wal.empty(self._connection, self._busy_timeout, durable)
                self._batches = 0 if durable else self._batches + 1

    @property
    def wal_bytes(self) -> int:
        """The size of the write-ahead log, 0 where there is none."""
        with suppress(FileNotFoundError):
            return self._file.wal.stat().st_size
        return 0

    def settle(self) -> None:
        """Do nothing: what is committed is visible."""

    def looked_up(self, has_found: bool) -> None:
        """Do nothing: here a look costs little, and each batch has one."""

    def forget_deleted(self) -> None:
        """Leave nothing of what was deleted in the WAL; where somebody reads from it, a later durable transaction does.

        In the file it is overwritten (PRAGMA secure_delete).
        """
        self._wal.forget(self._connection, self._busy_timeout)

    def select(self, statement: Statement, parameters: Mapping[str, Any]) -> Result:
        """Return the names and rows that the statement gives."""
        with named_errors():
            cursor = self._connection.execute(statement.text, parameters)
            return Result([column[0] for column in cursor.description], cursor.fetchall())

    def select_within(self, limits: Limits, statement: Statement, parameters: Mapping[str, Any]) -> Result:
        """Return what select does, within the limits. Raises TooManyRows and TookTooLong."""
        end = time.monotonic() + limits.seconds
        self._connection.set_progress_handler(lambda: time.monotonic() > end, PROGRESS_STEPS)
        try:
            with named_errors():
                cursor = self._connection.execute(statement.text, parameters)
                return Result([column[0] for column in cursor.description], limits.keep(cursor))
        except StatementRefused as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
                raise TookTooLong(limits.seconds) from error
            raise
        finally:
            self._connection.set_progress_handler(None, 0)

    def execute(self, statement: Statement, parameters: Mapping[str, Any]) -> int:
        """Run a statement that gives no rows, and return the number of rows that it hit."""
        with named_errors():
            return self._connection.execute(statement.text, parameters).rowcount

    def insert(self, statement: Statement, parameters: Mapping[str, Any]) -> int:
        """Run a statement that inserts one row, and return the number that it was given."""
        return self.select(statement, parameters).rows[0][0]

    def execute_many(self, statement: Statement, parameters: Iterable[Mapping[str, Any] | Sequence[Any]]) -> None:
        """Run a statement that gives no rows once for each of the parameters."""
        with named_errors():
            self._connection.executemany(statement.text, parameters)

    def as_list(self, ids: Sequence[int]) -> str:
        """Return ids as a statement takes them: a JSON array."""
        return str(ids)

    def as_contents(self, rows: Sequence[tuple[Any, ...]]) -> str:
        """Return rows as replace.sql takes them: a JSON array of arrays."""
        return as_json(rows)

    def as_changes(self, rows: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        """Return what update.sql runs with: each row. All at once, as JSON, would take it twice the time."""
        return rows

    def get_ready(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Do nothing: it all runs in this thread."""

    def insert_rows(self, table: Table, rows: Sequence[tuple[Any, ...]], meanwhile: Callable[[], None]) -> int:
        """Insert rows whose ids the transaction has not found, which its write lock keeps true.

        Returns the number of rows that INSERT OR IGNORE has not passed over. Nothing is done meanwhile: it all runs in
        this thread.
        """
        with named_errors():
            return insert_rows(self._connection, table, rows)
