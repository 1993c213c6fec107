"""A database that takes uploads: its tables and reports, and how a request gets at them."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from sql.batch import Row, change, list_of, look_up, store, unknown, update
from sql.connections.pool import Pool
from sql.connections.retry import LOCK_WAITS, retry, transact
from sql.errors import PASSING_ERRORS, RECORDED_ERRORS, DatabaseBusy, DatabaseOutOfOrder, StatementRefused
from sql.files.prepare import try_writes
from sql.files.statements import Limits, Result
from sql.files.stats import Report
from sql.files.tables import Table
from sql.ledger.sources import Sources
from sql.ledger.undo import Undo
from sql.ledger.uploads import NEWEST, Ledger
from sql.schema import Schema
from sql.state import State

Done = TypeVar("Done")


class Database:
    """One database: its folder of statements, and how to connect to it.

    Until it has answered once, `tables` and `reports` ask it anew and may raise DatabaseUnavailable.
    """

    recorded_errors = RECORDED_ERRORS
    passing_errors = PASSING_ERRORS

    def __init__(self, folder: Path, pool: Pool, types: Mapping[str, str], busy_timeout: float):
        self._pool = pool
        self._retry_seconds = busy_timeout * (1 - 1 / LOCK_WAITS)
        self._has_tried = False
        self.ledger = Ledger(folder / "ledger")
        self.undo = Undo(folder / "undo")
        self.sources = Sources(folder / "sources")
        self.state = State(folder / "state")
        self._schema = Schema(folder, types, self.ledger)

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """Give the block a connection of its own. Raises DatabaseOutOfOrder where a table is not there any more."""
        self.prepare()
        with self._naming_lost_tables(), self._pool.connection() as connection:
            yield connection

    def close(self) -> None:
        """Close the connections that wait for their next use."""
        self._pool.close()

    def transact(
        self,
        connection: Any,
        work: Callable[[], Done],
        durable: bool = False,
        has_landed: Callable[[], bool] = lambda: False,
    ) -> Done:
        """Return what the work does in a transaction, done again while the database is away for a moment."""
        self._try_writes()
        with self._naming_lost_tables():
            return transact(connection, work, self._retry_seconds, durable, has_landed)

    def settle(self, connection: Any) -> None:
        """Wait until all that is committed is visible on the connection. Raises DatabaseUnavailable."""
        retry(connection.settle, self._retry_seconds)

    store = staticmethod(store)
    stored = staticmethod(look_up)
    change = staticmethod(change)
    unknown = staticmethod(unknown)

    def get_ready(self, connection: Any, table: Table, rows: Sequence[Row]) -> None:
        """Get ready to store rows, while a server stores those before them."""
        connection.get_ready(table, rows)

    def replace(
        self, connection: Any, upload_id: int, table: Table, replaced: Sequence[Row], rows: Sequence[Row]
    ) -> None:
        """Keep rows as they stood before the upload updated them, in that order, and let the other rows stand."""
        self.ledger.replace(connection, upload_id, table.name, replaced)
        update(connection, table, rows)

    def check(self) -> None:
        """Raise DatabaseUnavailable unless the database answers, with what is in the ledger."""
        with self.connection() as connection:
            self._schema.answer(connection)

    def count(self, table: Table) -> int:
        """Return the number of the table's rows."""
        with self.connection() as connection:
            return connection.select(table.statements["count"], {}).rows[0][0]

    def uploads(
        self, limit: int, before: int = NEWEST, source: str | None = None, **wanted: str
    ) -> list[dict[str, Any]]:
        """Return at most `limit` uploads with a number below `before`, newest first, as the ledger's page does."""
        with self.connection() as connection:
            if source is None:
                return self.ledger.page(connection, limit, before, 0, **wanted)
            numbers = self.sources.find(connection, source, before)
            pages = (self.ledger.page(connection, 1, number + 1, number, **wanted) for number in numbers)
            return list(islice(chain.from_iterable(pages), limit))

    def row(self, table: Table, id: int) -> dict[str, Any] | None:
        """Return the row that is stored under an id, if any is."""
        with self.connection() as connection:
            found = connection.select(table.statements["stored"], list_of(connection, [id])).dicts()
        return found[0] if found else None

    def run(self, report: Report, parameters: Mapping[str, Any], limits: Limits) -> Result:
        """Return the report's answer within the limits; parameters has a value for each that it declares.

        Raises TooManyRows and TookTooLong.
        """
        with self.connection() as connection:
            return connection.select_within(limits, report.statement, parameters)

    def version(self, report: Report) -> Hashable:
        """Return what changes whenever the report's answer may have changed; None where nothing says so."""
        with self._naming_lost_tables():
            return self._pool.version(report.statement)

    def start(self) -> None:
        """Prepare the database, and try the writes out; the first upload does where another writer holds it."""
        self.prepare()
        with suppress(DatabaseBusy):
            self._try_writes()

    def prepare(self) -> None:
        """Do now what the first use of `tables` or `reports` would."""
        self._prepared  # noqa: B018

    @property
    def tables(self) -> dict[str, Table]:
        """The tables that take uploads, by name."""
        return self._prepared[0]

    @property
    def reports(self) -> dict[str, Report]:
        """The reports, by name."""
        return self._prepared[1]

    @cached_property
    def _prepared(self) -> tuple[dict[str, Table], dict[str, Report]]:
        """Create what is missing, ask the catalog for the tables' columns, and prepare every statement."""
        with self._pool.connection() as connection:
            self._schema.create_missing(connection)
            tables, reports = self._schema.prepare_tables(connection), self._schema.prepare_reports(connection)
            parts = (self.ledger, self.undo, self.sources, self.state)
            self._schema.prepare(connection, *(part.statements for part in parts))
        return tables, reports

    def _try_writes(self) -> None:
        """Try what writes into each table out, unless that was done."""
        if not self._has_tried:
            with self._pool.connection() as connection:
                connection.set_up()
                for table in self.tables.values():
                    try_writes(connection, table, self._retry_seconds)
            self._has_tried = True

    @contextmanager
    def _naming_lost_tables(self) -> Iterator[None]:
        """Raise DatabaseOutOfOrder where the block's statement is refused because a table is not there any more."""
        try:
            yield
        except StatementRefused as error:
            with self._pool.connection() as connection:
                lost = self._schema.lost(connection)
            if not lost:
                raise
            raise DatabaseOutOfOrder(f"the database lacks the table {lost}, which a restart makes anew") from error
