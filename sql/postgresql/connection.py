"""A session that takes uploads: how a batch of rows goes in."""

from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from sql.batch import as_json, rows_lost
from sql.connections.ready import Ready
from sql.errors import IdsTaken, RowRefused, StatementRefused
from sql.files.tables import Table
from sql.postgresql.connect import Opened, Place
from sql.postgresql.copy_rows import copy_rows, text_of
from sql.postgresql.session import Session


class Connection(Session):
    """One connection of one thread."""

    wal_bytes = None  # the log is the server's

    looks_first = False
    """Whether a batch is looked up before it is inserted: where ids of the last that was looked up were stored."""

    def __init__(self, place: Place, connection: Opened):
        super().__init__(place, connection)
        self._ready = Ready(text_of)

    def forget_deleted(self) -> None:
        """Do nothing: the server overwrites what was deleted when its VACUUM has been there."""

    def looked_up(self, has_found: bool) -> None:
        """Look the next batch up first, if ids of this one were stored."""
        self.looks_first = has_found

    def as_list(self, ids: Sequence[int]) -> str:
        """Return ids as a statement takes them: an array as text, which the driver would take ten times as long for."""
        return f"{{{str(ids)[1:-1]}}}"

    def as_contents(self, rows: Sequence[tuple[Any, ...]]) -> str:
        """Return rows as replace.sql takes them: a JSON array of arrays."""
        return as_json(rows)

    def as_changes(self, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, str]]:
        """Return what update.sql runs with: all rows at once, as a JSON array of arrays."""
        return [{"rows": as_json(rows)}]

    def get_ready(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Get ready to insert rows: they come next, if none of them is stored."""
        self._ready.prepare(table, rows)

    def insert_rows(self, table: Table, rows: Sequence[tuple[Any, ...]], meanwhile: Callable[[], None]) -> int:
        """Insert rows by COPY, call meanwhile while the server does it, and return their number.

        Raises IdsTaken where an id is stored, and RowsLost where the table refuses a row for another reason.
        """
        try:
            with self._named_errors():
                return self._copy(table, self._ready.take(table, rows), meanwhile)
        except StatementRefused as error:
            if isinstance(error.__cause__, psycopg.errors.UniqueViolation):
                raise IdsTaken from error
            if isinstance(error, RowRefused):
                raise rows_lost(table) from error
            raise

    def _copy(self, table: Table, text: str, meanwhile: Callable[[], None]) -> int:
        """Run a table's COPY, in a savepoint, and return the number of rows."""
        return copy_rows(self._connection, self._take_beginning(), table, text, meanwhile)
