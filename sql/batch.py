"""A batch of rows into its table: the same steps on every database."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from sql.errors import IdsTaken, RowRefused, RowsLost
from sql.files.statements import Result, Statement
from sql.files.tables import Table

Row = tuple[Any, ...]

SAME_IDS_TRIES = 20
"""An insert meets ids that are not stored this many times: who stored them may have been taken back a moment later."""


RANGE_IDS = 2
"""Where a table has a range.sql, ids that are closer together than this on average are looked up as one range."""


class Connection(Protocol):
    """What a batch needs of a database's connection."""

    looks_first: bool
    """Whether a batch is looked up before it is inserted, and not only where that meets an id which is stored.

    To look first costs a wait for the server, to meet stored ids an insert that does nothing.
    """

    def looked_up(self, has_found: bool) -> None:
        """Take notice of whether ids of a batch are stored: those of the next may be, too."""

    def select(self, statement: Statement, parameters: dict[str, Any]) -> Result: ...
    def execute(self, statement: Statement, parameters: dict[str, Any]) -> int: ...
    def execute_many(self, statement: Statement, parameters: Iterable[Any]) -> None: ...

    def as_list(self, ids: Sequence[int]) -> Any:
        """Return the ids in the form in which this database's statements take a list of them."""

    def as_changes(self, rows: Sequence[Row]) -> Sequence[Any]:
        """Return the parameters of each run of a table's update.sql that lets the rows stand."""

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
    ids = sorted(rows) if lock else [*rows]  # rows are locked in this order
    taken: Collection[int] | None = None
    tries_left = SAME_IDS_TRIES
    has_looked = lock or connection.looks_first
    stored = _look_up_batch(connection, table, ids, lock) if has_looked else {}
    while tries_left:
        new = [row for row in rows.values() if row[0] not in stored] if stored else [*rows.values()]
        tries_left = tries_left - 1 if stored.keys() == taken else SAME_IDS_TRIES
        try:
            if new and connection.insert_rows(table, new, meanwhile) != len(new):
                break
            return stored
        except IdsTaken:
            pass
        except RowsLost:
            if has_looked:  # else what is refused may be a row whose id is stored
                raise
        taken, has_looked = stored.keys(), True
        stored = _look_up_batch(connection, table, ids, lock)
    raise rows_lost(table)


def _look_up_batch(connection: Connection, table: Table, ids: Sequence[int], lock: bool) -> dict[int, Row]:
    """Return the rows that are stored under the ids of a batch, and let the connection take notice."""
    stored = look_up(connection, table, ids, lock)
    connection.looked_up(bool(stored))
    return stored


def look_up(connection: Connection, table: Table, ids: Sequence[int], lock: bool = False) -> dict[int, Row]:
    """Return the rows that are stored under ids, each by its id; with lock in their order, and locked."""
    if not lock and "range" in table.statements and ids and max(ids) - min(ids) < RANGE_IDS * len(ids):
        return _look_up_range(connection, table, {*ids})
    look = table.statements["lock" if lock else "stored"]
    return {row[0]: row for row in connection.select(look, list_of(connection, ids)).rows}


def _look_up_range(connection: Connection, table: Table, ids: set[int]) -> dict[int, Row]:
    """Return likewise the rows under ids that are close together: of all rows between them."""
    span = {"first": min(ids), "last": max(ids), "rows": max(ids) - min(ids) + 1}
    return {row[0]: row for row in connection.select(table.statements["range"], span).rows if row[0] in ids}


def change(connection: Connection, table: Table, ids: Sequence[int], rows: Sequence[Row]) -> None:
    """Delete the rows under the ids, and let the rows stand, all of which are stored and locked.

    Raises RowsLost where the table refuses one of these changes.
    """
    if ids and delete(connection, table, ids) != len(ids):
        raise rows_lost(table)
    if rows:
        update(connection, table, rows)


def delete(connection: Connection, table: Table, ids: Sequence[int]) -> int:
    """Delete the rows under the ids, and return their number. Runs in a transaction.

    Raises RowsLost where the table keeps one of them.
    """
    try:
        return connection.execute(table.statements["delete"], {"ids": connection.as_list(ids)})
    except RowRefused as error:
        raise rows_lost(table) from error


def update(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Let the rows stand under their ids, which are stored. Runs in a transaction.

    Raises RowsLost where the table refuses one of them.
    """
    try:
        connection.execute_many(table.statements["update"], connection.as_changes(rows))
    except RowRefused as error:
        raise rows_lost(table) from error


def as_json(values: Sequence[Any]) -> str:
    """Return a row, or several, as statements take them: a JSON array."""
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
        f"{table.name} refused a row of the batch: a rule of its own, such as CHECK, UNIQUE or FOREIGN KEY. "
        "Nothing of this batch is done"
    )
