"""One session on a server: how it runs statements, and holds a transaction."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from sql.errors import DatabaseUnavailable, TookTooLong, UrlRefused
from sql.files.statements import Limits, Result, Statement
from sql.postgresql.connect import Opened, Place, variant_of
from sql.postgresql.errors import is_away, named

CREATING = 0x10ADBA7
"""The advisory lock of who creates the tables; any number that no one else uses."""


class Session:
    """One session of one thread, in autocommit outside of `transaction`."""

    variant = ""
    """The folder in sql/ with what differs on this kind of database."""

    _beginning = ""
    """What begins the transaction, until it goes out together with the first statement."""

    def __init__(self, place: Place, connection: Opened):
        self._place = place
        self._connection = connection
        self._set_session()

    def _set_session(self) -> None:
        """Tell a new connection what this kind of database has to know."""

    def is_alive(self) -> bool:
        """Whether the database still answers on this connection, and is what it was."""
        try:
            return variant_of(self._connection) == self.variant
        except psycopg.Error:
            return False

    def close(self) -> None:
        self._connection.close()

    def set_up(self) -> None:
        """Raise UrlRefused for a database whose encoding does not hold every character."""
        encoding = self._connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise UrlRefused(f"is a database of encoding {encoding}: expected one of UTF8")

    @contextmanager
    def creating(self) -> Iterator[None]:
        """Keep other processes from creating tables while the block does: IF NOT EXISTS alone does not."""
        with self.transaction(durable=True):
            self._run("SELECT pg_advisory_xact_lock(%s)", [CREATING])
            yield

    def create(self, statement: Statement) -> None:
        """Run a statement that creates something, in the block of creating."""
        self.execute(statement, {})

    def prepare(self, statement: Statement, parameters: Mapping[str, Any] | None) -> None:
        """Plan a statement without running it; parameters None stands for any. Raises StatementRefused."""
        self._explain(statement.text, parameters)

    def prepare_reading(self, statement: Statement, parameters: Mapping[str, Any]) -> None:
        """Plan a statement that may only read, as what is selected from may. Raises StatementRefused."""
        self._explain(f"SELECT FROM (\n{statement.text}\n) AS report", parameters)

    def _explain(self, text: str, parameters: Mapping[str, Any] | None) -> None:
        values = defaultdict(lambda: None) if parameters is None else parameters
        with self._named_errors():
            self._connection.execute(f"EXPLAIN {text}".encode(), values, prepare=True)

    @contextmanager
    def transaction(self, durable: bool = False) -> Iterator[None]:
        """Hold a transaction, on a new connection where the last was cut; roll it back if the block raises.

        A durable one is on disk when the block ends, with all transactions before it: it flushes the log.
        """
        with self._named_errors():
            if self._connection.closed:
                self._connection, _ = self._place.connect()
                self._set_session()
            try:
                self._begin(durable)
                yield
                if not self._beginning:
                    self._connection.execute("COMMIT")
            finally:
                self._beginning = ""
                if self._connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                    with suppress(psycopg.Error):
                        self._connection.execute("ROLLBACK")

    def _begin(self, durable: bool) -> None:
        """Begin a transaction, with its first statement."""
        self._beginning = "BEGIN;" if durable else "BEGIN; SET LOCAL synchronous_commit = off;"

    def _run(self, text: str, parameters: Any = None, prepare: bool | None = None) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run a statement, behind what begins the transaction."""
        if beginning := self._take_beginning():
            self._connection.execute(beginning.encode())
        return self._connection.execute(text.encode(), parameters, prepare=prepare)

    def _take_beginning(self) -> str:
        beginning, self._beginning = self._beginning, ""
        return beginning

    def settle(self) -> None:
        """Do nothing: what is committed is visible."""

    def select(self, statement: Statement, parameters: Mapping[str, Any]) -> Result:
        """Return the names and rows that the statement gives.

        The driver prepares what comes often, and that is planned once for all values. What a NULL leaves open, such as
        a status that nobody asked for, would be read by no index then: it is planned anew each time.
        """
        prepare = False if None in parameters.values() else None
        with self._named_errors():
            cursor = self._run(statement.text, parameters, prepare)
            return Result([column.name for column in cursor.description or ()], cursor.fetchall())

    def select_within(self, limits: Limits, statement: Statement, parameters: Mapping[str, Any]) -> Result:
        """Return what select does, within the limits. Raises TooManyRows and TookTooLong."""
        try:
            with self._named_errors(), self._connection.transaction(), self._connection.cursor("report") as cursor:
                self._connection.execute(f"SET LOCAL statement_timeout = {max(1, int(limits.seconds * 1000))}".encode())
                cursor.execute(statement.text.encode(), parameters)
                rows = limits.keep(cursor.fetchmany(limits.rows_max + 1))
                return Result([column.name for column in cursor.description or ()], rows)
        except DatabaseUnavailable as error:
            if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
                raise TookTooLong(limits.seconds) from error
            raise

    def execute(self, statement: Statement, parameters: Mapping[str, Any]) -> int:
        """Run a statement that gives no rows, and return the number of rows that it hit."""
        with self._named_errors():
            return self._run(statement.text, parameters).rowcount

    def insert(self, statement: Statement, parameters: Mapping[str, Any]) -> int:
        """Run a statement that inserts one row, and return the number that it was given."""
        return self.select(statement, parameters).rows[0][0]

    def execute_many(self, statement: Statement, parameters: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement that gives no rows once for each of the parameters."""
        with self._named_errors():
            for values in parameters:
                self._run(statement.text, values)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """Turn the driver's errors into ours, and leave a server that cannot go on."""
        try:
            yield
        except psycopg.Error as error:
            meant = self._meant(error)
            if is_away(meant):
                self.close()
            raise named(meant) from meant

    def _meant(self, error: psycopg.Error) -> psycopg.Error:
        """Return the error that says by its class what is wrong."""
        return error
