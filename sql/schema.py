"""What a database has to have: created where it is missing, and shown to the database before the first request."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sql.files.prepare import create, prepare, prepare_report, prepare_table
from sql.files.statements import Result, Statement, expect, read_statements
from sql.files.stats import Report, read_reports
from sql.files.tables import Table, describe, read_tables
from sql.files.variants import reports_of, tables_of
from sql.ledger.steps import NUMBER_TABLE, Steps
from sql.ledger.uploads import Ledger

LEDGER_TABLES = ("uploads", "rejects", "batches", "replaced", "undone", "sources", NUMBER_TABLE)


class Schema:
    """The tables, the ledger and the reports of a database's folder."""

    def __init__(self, folder: Path, types: Mapping[str, str], ledger: Ledger):
        """Read the folder; types has the column types by the names that this database gives them."""
        self._folder = folder
        self._types = types
        self._steps = Steps(folder / "ledger" / "steps", ledger.statements)
        self._tables = read_tables(folder / "tables")
        self._reports = read_reports(folder / "stats")
        self._catalog = read_statements(folder / "catalog")
        expect(self._catalog, folder / "catalog", ("answer", "columns"))

    def answer(self, connection: Any) -> None:
        """Ask something that the database answers only where it has the ledger."""
        connection.select(self._catalog["answer"], {})

    def lost(self, connection: Any) -> str | None:
        """Return a table that is not there any more, if any is."""
        names = (*LEDGER_TABLES, *self._tables)
        return next((name for name in names if not self._columns(connection, name).rows), None)

    def create_missing(self, connection: Any) -> None:
        """Create what is missing. Where nothing is, nothing is locked, and nobody needs the right to create."""
        if self._missing(connection):
            connection.set_up()
            with connection.creating():
                for statement in self._missing(connection):
                    create(connection, statement)
                self._steps.renumber(connection)

    def prepare_tables(self, connection: Any) -> dict[str, Table]:
        """Return the tables that take uploads, by name, as the catalog describes them."""
        tables = {
            name: describe(name, statements, self._columns(connection, name), self._types)
            for name, statements in tables_of(connection, self._folder, self._tables).items()
        }
        for table in tables.values():
            prepare_table(connection, table)
        return tables

    def prepare_reports(self, connection: Any) -> dict[str, Report]:
        """Return the reports, by name."""
        reports = reports_of(connection, self._folder, self._reports)
        for report in reports.values():
            prepare_report(connection, report)
        return reports

    def prepare(self, connection: Any, *others: Mapping[str, Statement]) -> None:
        """Prepare the statements of the catalog, and others."""
        for statements in (*others, self._catalog):
            for statement in statements.values():
                prepare(connection, statement)

    def _missing(self, connection: Any) -> list[Statement]:
        """Return what creates the tables and columns that are not there, in order."""
        # A database of a release that kept no number has the tables of number 1: their steps pass over them.
        number = self._steps.number(connection) if self._columns(connection, NUMBER_TABLE).rows else 0
        tables = (table["create"] for name, table in self._tables.items() if not self._columns(connection, name).rows)
        return [*self._steps.after(number), *tables]

    def _columns(self, connection: Any, table: str) -> Result:
        return connection.select(self._catalog["columns"], {"table": table})
