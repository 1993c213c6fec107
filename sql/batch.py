"""A batch of rows into its table: the same steps on every database."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from sql.errors import IdsTaken, RowRefused, RowsLost
from sql.statements import Result, Statement
from sql.tables import Table

Row = tuple[Any, ...]


class Connection(Protocol):
    """What a batch needs of a database's connection."""

    def select(self, statement: Statement, parameters: dict[str, Any]) -> Result: ...
    def execute(self, statement: Statement, parameters: dict[str, Any]) -> None: ...

    def as_list(self, ids: Sequence[int]) -> Any:
        """Return the ids in the form in which this database's statements take a list of them."""

    def insert_rows(self, table: Table, rows: Sequence[Row], meanwhile: Callable[[], None]) -> int:
        """Insert the rows and return their number, or none of them and raise IdsTaken or RowsLost.

        Calls meanwhile while a server does it.
        """


def store(
    connection: Connection, table: Table, rows: Mapping[int, Row], meanwhile: Callable[[], None], lock: bool = False
) -> dict[int, Row]:
    """Insert a batch of rows by id, and return those that were stored under these ids before, locked if need be.

    Runs in a transaction, and calls meanwhile while a server inserts. An insert that meets ids which another upload has
    stored since they were looked up does nothing; then they are looked up again. Raises RowsLost where a row is refused
    for another reason than its id.
    """
    taken: Collection[int] | None = None
    ids = list_of(connection, sorted(rows) if lock else [*rows])  # rows are locked in this order
    look = table.statements["lock" if lock else "stored"]
    while True:
        stored = {row[0]: row for row in connection.select(look, ids).rows}
        new = [row for row in rows.values() if row[0] not in stored]
        if stored.keys() == taken:
            raise rows_lost(table)
        try:
            if new and connection.insert_rows(table, new, meanwhile) != len(new):
                raise rows_lost(table)
            return stored
        except IdsTaken:
            taken = stored.keys()


def update(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Let the rows stand under their ids, which are stored. Runs in a transaction.

    Raises RowsLost where the table refuses one of them.
    """
    try:
        connection.execute(table.statements["update"], {"rows": as_json(rows)})
    except RowRefused as error:
        raise rows_lost(table) from error


def as_json(values: Sequence[Any]) -> str:
    """Return a row, or several, in the form in which every database's statements take them: a JSON array."""
    return json.dumps(values, ensure_ascii=False)


def list_of(connection: Connection, ids: Sequence[int]) -> dict[str, Any]:
    """Return the parameters of a table's stored.sql for these ids."""
    return {"ids": connection.as_list(ids), "first": min(ids, default=0), "last": max(ids, default=0)}


def unknown(connection: Connection, table: Table, rows: Sequence[Row]) -> set[tuple[str, int]]:
    """Return the references of the rows to ids that are in no other table: the column's name and the id."""
    if "references" not in table.statements:
        return set()
    ids = {
        column.name: connection.as_list(sorted({row[place] for row in rows} - {None}))
        for place, column in enumerate(table.columns)
        if column.type == "integer"
    }
    return set(connection.select(table.statements["references"], ids).rows)


def rows_lost(table: Table) -> RowsLost:
    """Return the error that a table's own rules refused a row."""
    return RowsLost(
        f"{table.name} refused a row of the batch: a rule of its own, such as CHECK or UNIQUE. "
        "None of this batch is stored"
    )
