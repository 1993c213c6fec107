"""Everything a database is told: `open_database(url)` reads every .sql file, so that a broken one stops the start."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from sql.errors import DatabaseUnavailable, RowsLost, StartRefused
from sql.ledger import Ledger
from sql.statements import Result, expect, read_statements
from sql.stats import Report, read_reports
from sql.tables import Table, describe, read_tables

FOLDER = Path(__file__).parent

ID_MIN, ID_MAX = -(2**63), 2**63 - 1
PAGE_ROWS = 1000
"""A table is read in pages of this many rows."""


def open_database(url: str, busy_timeout: float) -> "Database":
    """Return the database of the URL, its tables created and its statements prepared if it can be reached.

    Raises StartRefused for a wrong URL, and for a .sql file that is missing or that the database does not take.
    """
    scheme = url.partition(":")[0]
    known = sorted(path.parent.name for path in FOLDER.glob("*/__init__.py"))
    if scheme not in known:
        raise StartRefused(f"DATABASE_URL begins with {scheme!r}, which is not one of {', '.join(known)}")
    module = import_module(f"sql.{scheme}")
    database = Database(FOLDER / scheme, module.connector(url, busy_timeout), module.TYPES)
    try:
        database.prepare()
    except DatabaseUnavailable as error:
        logging.getLogger(__name__).warning("%s: requests get a 503 until it answers", error)
    return database


class Database:
    """One database: its folder of statements, and how to connect to it.

    Until it has answered once, `tables` and `reports` ask it anew and may raise DatabaseUnavailable.
    """

    data_errors = (RowsLost,)
    """What is raised for rows that a table's own rules refuse; the database itself is well."""

    def __init__(self, folder: Path, connect: Callable[[], Any], types: Mapping[str, str]):
        self._connect = connect
        self._types = types
        self._tables = read_tables(folder / "tables")
        self._catalog = read_statements(folder / "catalog")
        expect(self._catalog, folder / "catalog", ("answer", "columns"))
        self._reports = read_reports(folder / "stats")
        self.ledger = Ledger(folder / "ledger")

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """Open a connection for the block, in one thread, to tables that are there."""
        self.prepare()
        with self._open() as connection:
            yield connection

    def check(self) -> None:
        """Raise DatabaseUnavailable unless the database answers."""
        with self.connection() as connection:
            connection.select(self._catalog["answer"], {})

    def count(self, table: Table) -> int:
        """Return the number of the table's rows."""
        with self.connection() as connection:
            return connection.select(table.statements["count"], {}).rows[0][0]

    def pages(self, table: Table) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the table's rows by id, each page in a short read of its own."""
        first = ID_MIN
        while first <= ID_MAX:
            with self.connection() as connection:
                page = connection.select(table.statements["page"], {"first": first, "rows": PAGE_ROWS}).rows
            yield page
            if len(page) < PAGE_ROWS:
                return
            first = page[-1][0] + 1

    def reject_pages(self, upload_id: int) -> Iterator[list[dict[str, Any]]]:
        """Yield the refused rows of an upload in file order, each page in a short read of its own."""
        after = 0
        while True:
            with self.connection() as connection:
                page = self.ledger.rejects(connection, upload_id, after)
            if not page:
                return
            yield page
            after = page[-1]["line"]

    def run(self, report: Report, parameters: Mapping[str, Any]) -> Result:
        """Return the report's answer; parameters has a value for each that it declares."""
        with self.connection() as connection:
            return connection.select(report.statement, parameters)

    @contextmanager
    def _open(self) -> Iterator[Any]:
        connection = self._connect()
        try:
            yield connection
        finally:
            connection.close()

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
        """Create the tables, ask the catalog for their columns, and prepare every statement."""
        with self._open() as connection:
            connection.set_up()
            with connection.transaction():
                for create in (*self.ledger.creates(), *(table["create"] for table in self._tables.values())):
                    connection.prepare(create)
                    connection.execute(create, {})
            tables = {name: self._describe(connection, name) for name in self._tables}
            for table in tables.values():
                connection.prepare_table(table)
            for report in self._reports.values():
                connection.prepare_report(report)
            for statement in (*self.ledger.statements.values(), *self._catalog.values()):
                connection.prepare(statement)
        return tables, self._reports

    def _describe(self, connection: Any, name: str) -> Table:
        catalog = connection.select(self._catalog["columns"], {"table": name})
        return describe(name, self._tables[name], catalog, self._types)
