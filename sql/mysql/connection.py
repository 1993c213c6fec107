"""A session that takes uploads: how a batch of rows goes in."""

from collections.abc import Callable, Sequence
from typing import Any

from pymysql.constants import ER

from sql.batch import as_json, rows_lost
from sql.errors import IdsTaken, LockTaken, RowRefused, StatementRefused
from sql.files.tables import Table
from sql.mysql.errors import code_of
from sql.mysql.inserts import Inserts
from sql.mysql.session import Session


class Connection(Session):
    """One connection of one thread."""

    wal_bytes = None  # the log is the server's

    def _open(self) -> None:
        super()._open()
        self._inserts = Inserts(self._connection)
        self.looks_first = self._is_galera

    def _begin(self) -> None:
        super()._begin()
        self._ids_were_taken = False

    def _commit(self) -> None:
        """Commit, but no transaction on Galera in which an INSERT met ids that were taken: raises LockTaken instead.

        MariaDB 10.11 sends the other nodes the rows of the INSERT that failed, too; they refuse them, and this node
        has to go.
        """
        if self._is_galera and self._ids_were_taken:
            raise LockTaken("the database is busy with another writer")
        super()._commit()

    def forget_deleted(self) -> None:
        """Do nothing: the server overwrites what was deleted when its purge has been there."""

    def looked_up(self, has_found: bool) -> None:
        """Look the next batch up first, if ids of this one were stored, or where it must not meet any."""
        self.looks_first = has_found or self._is_galera

    def as_list(self, ids: Sequence[int]) -> str:
        """Return ids as a statement takes them: a JSON array."""
        return str(ids)

    def as_contents(self, rows: Sequence[tuple[Any, ...]]) -> str:
        """Return rows as replace.sql takes them: a JSON array of arrays, of each one's id and its JSON as a text.

        MariaDB's JSON_TABLE takes no array out of an array.
        """
        return as_json([(row[0], as_json(row)) for row in rows])

    def as_changes(self, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, str]]:
        """Return what update.sql runs with: all rows at once, as a JSON array of arrays."""
        return [{"rows": as_json(rows)}]

    def get_ready(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Get ready to insert rows: they come next, if none of them is stored."""
        self._inserts.get_ready(table, rows)

    def insert_rows(self, table: Table, rows: Sequence[tuple[Any, ...]], meanwhile: Callable[[], None]) -> int:
        """Insert rows in one statement, what stands behind VALUES repeated for each, and return their number.

        Calls meanwhile while the server does it. They go in order of their ids, so that two uploads of the same ids
        wait for each other and not in a circle. Raises IdsTaken where an id is stored, and RowsLost where the table
        refuses a row for another reason.
        """
        try:
            with self._named_errors():
                return self._inserts.insert(table, rows, meanwhile)
        except StatementRefused as error:
            if code_of(error.__cause__) == ER.DUP_ENTRY:
                self._ids_were_taken = True
                raise IdsTaken from error
            if isinstance(error, RowRefused):
                raise rows_lost(table) from error
            raise
