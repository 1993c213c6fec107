"""Every statement is shown to the database before the first request, so that a broken file stops the start by name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from sql.batch import Row, delete, list_of, unknown, update
from sql.connections.retry import transact
from sql.errors import IdsTaken, RowsLost, StartRefused, StatementRefused
from sql.files.statements import Statement
from sql.files.stats import Report
from sql.files.tables import Table

ID_MIN = -(2**63)

SAMPLES: dict[str, Callable[[int], int | str]] = {
    "integer": lambda place: ID_MIN + place,
    "text": lambda place: chr(ord("a") + place % 26),
    "timestamp": lambda place: f"{2000 + place}-02-03T04:05:06.7Z",
}
"""Values by type that no two columns share; the smallest of all ids is most likely in no table."""


def create(connection: Any, statement: Statement) -> None:
    """Create a table or a column, if it is not there."""
    with _named(statement):
        connection.create(statement)


def prepare(connection: Any, statement: Statement, parameters: Mapping[str, Any] | None = None) -> None:
    """Let the database look at a statement with these parameters; None stands for any."""
    with _named(statement):
        connection.prepare(statement, parameters)


def prepare_report(connection: Any, report: Report) -> None:
    """Let the database look at a report. Raises StartRefused also for one that would write."""
    parameters = {parameter.name: None for parameter in report.parameters}
    with _named(report.statement):
        connection.prepare(report.statement, parameters)
    try:
        connection.prepare_reading(report.statement, parameters)
    except StatementRefused:
        raise StartRefused(f"{report.statement.path}: a report only reads") from None


def prepare_table(connection: Any, table: Table) -> None:
    """Try a table's statements out, but for those that write.

    Raises StartRefused also where they give or name other columns than the table has.
    """
    names = [column.name for column in table.columns]
    for name in {"count", "enlist"} & table.statements.keys():
        prepare(connection, table.statements[name], {})
    ids = list_of(connection, [])
    reads = {"stored": ids, "lock": ids, "page": {"first": 0, "rows": 0}, "range": {"first": 0, "last": 0, "rows": 0}}
    for name, parameters in ((name, reads[name]) for name in reads if name in table.statements):
        prepare(connection, table.statements[name], parameters)
        with _named(table.statements[name]):
            found = connection.select(table.statements[name], parameters).names
        if found != names:
            raise StartRefused(f"{table.statements[name].path} gives {', '.join(found)}: expected {', '.join(names)}")
    if "references" in table.statements:
        with _named(table.statements["references"]):
            wrong = [name for name, _ in unknown(connection, table, _sample(table)) if name not in names]
        if wrong:
            path = table.statements["references"].path
            raise StartRefused(f"{path} names {wrong[0]}: expected {', '.join(names)}")


def try_writes(connection: Any, table: Table, retry_seconds: float) -> None:
    """Try a table's insert and update out, in a transaction that is rolled back.

    Raises StartRefused also where they store the values in other columns than those that they are for.
    """
    work = partial(_write_and_roll_back, connection, table, _sample(table))
    with suppress(_RolledBack, IdsTaken, RowsLost):
        transact(connection, work, retry_seconds)


def _sample(table: Table) -> list[Row]:
    """Return two rows of values for the table's columns."""
    return [_row(table, number) for number in (0, 1)]


def _row(table: Table, number: int) -> Row:
    """Return values for the table's columns, which no row of another number has."""
    return tuple(SAMPLES[column.type](place) for place, column in enumerate(table.columns, number * len(table.columns)))


class _RolledBack(Exception):
    """Ends the transaction of rows that are not to stay."""


def _write_and_roll_back(connection: Any, table: Table, rows: list[Row]) -> None:
    """Raise StartRefused unless the rows come out as they went in; where the table's rules refuse one, nobody knows."""
    one, other = rows
    ids = [one[0], other[0]]
    names = ", ".join(column.name for column in table.columns)
    misplaced = f"does not store what it is given: expected the columns {names}"
    with _named(table.statements["insert"]):
        if connection.insert_rows(table, rows, lambda: None) != len(rows):
            raise _RolledBack
        _expect(connection, table, ids, rows, misplaced)
    if table.takes_updates:
        updated = (one[0], *_row(table, 2)[1:])
        with _named(table.statements["update"]):
            update(connection, table, [updated])
            _expect(connection, table, ids, [updated, other], misplaced)
    if "delete" in table.statements:
        with _named(table.statements["delete"]):
            delete(connection, table, [one[0]])
            _expect(connection, table, ids, [other], "does not delete just the rows of the ids that it is given")
    raise _RolledBack


def _expect(connection: Any, table: Table, ids: Sequence[int], rows: list[Row], otherwise: str) -> None:
    """Raise StatementRefused, with the sentence, unless just these rows stand under the ids."""
    found = connection.select(table.statements["stored"], list_of(connection, ids)).rows
    if sorted(found) != rows:
        raise StatementRefused(otherwise)


@contextmanager
def _named(statement: Statement) -> Iterator[None]:
    """Name the file of a statement that the database does not take."""
    try:
        yield
    except StatementRefused as error:
        raise StartRefused(f"{statement.path}: {error}") from None
