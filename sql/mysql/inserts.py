"""A batch of rows into a table: as text, or by a statement that the server has prepared for as many rows.

The driver prepares no statements. How one is prepared and run is described in MySQL's and MariaDB's manuals under
COM_STMT_PREPARE, COM_STMT_EXECUTE and COM_STMT_CLOSE.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pymysql
from pymysql.constants import COMMAND, ER

from sql.connections.ready import Ready
from sql.files.tables import Table
from sql.mysql.errors import code_of
from sql.mysql.parameters import insert_with_marks, parameters_of
from sql.mysql.values import insert_of

BATCHES_TO_PREPARE = 16
"""Behind so many batches of as many rows a statement is prepared: that takes as long as it saves in some twenty."""

PS_MANY_PARAM = 1390
NOT_PREPARED = {PS_MANY_PARAM, ER.MAX_PREPARED_STMT_COUNT_REACHED, ER.UNSUPPORTED_PS}
"""A statement is not prepared that has more than 65,535 values, nor more of them than the server is to have."""

PREPARED = struct.Struct("<xIHH")
"""What the server answers: the statement's number, and how many columns and parameters it has."""

EXECUTE_ONCE = struct.Struct("<IBI")
"""The statement's number, 0 for no cursor, and 1."""


class Size(NamedTuple):
    """How many rows go into which table."""

    table: str
    rows: int


class Inserts:
    """The inserts of one connection.

    The server takes as long to read a row's text as to store it. So where batches of as many rows follow each other,
    they go as the values of a prepared statement.
    """

    def __init__(self, connection: Any):
        self._connection = connection  # the driver's; what is used of it here has no public name
        self._ready: Ready[str | bytes] = Ready(self._make)
        self._last: Size | None = None
        self._batches = 0
        """How many of the last batches had that size."""
        self._prepared: Size | None = None
        self._number = 0
        """What the server calls the prepared statement."""

    def get_ready(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Make what the rows are sent as."""
        self._ready.prepare(table, rows)

    def insert(self, table: Table, rows: Sequence[tuple[Any, ...]], meanwhile: Callable[[], None]) -> int:
        """Insert rows in order of their ids, call meanwhile while the server does it, and return their number."""
        self._send(self._ready.take(table, rows), table, rows)
        try:
            meanwhile()
        finally:  # an answer that is left would be taken for that of the next statement
            inserted: int = self._connection._read_query_result()
        return inserted

    def _make(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> str | bytes:
        """Return rows as parameters where a statement is or will be prepared for them, and else as an insert's text."""
        size = Size(table.name, len(rows))
        if size == self._prepared or (size == self._last and self._batches >= BATCHES_TO_PREPARE):
            return parameters_of(table, rows)
        return insert_of(table, rows)

    def _send(self, made: str | bytes, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Send rows as what was made of them."""
        size = Size(table.name, len(rows))
        self._batches = self._batches + 1 if size == self._last else 1
        self._last = size
        if isinstance(made, bytes) and self._prepare(table, size):
            self._command(COMMAND.COM_STMT_EXECUTE, EXECUTE_ONCE.pack(self._number, 0, 1) + made)
        else:
            self._command(COMMAND.COM_QUERY, insert_of(table, rows) if isinstance(made, bytes) else made)

    def _prepare(self, table: Table, size: Size) -> bool:
        """Prepare the statement for so many rows, unless it is, and return whether the server has."""
        if size == self._prepared:
            return True
        if self._prepared:
            self._command(COMMAND.COM_STMT_CLOSE, struct.pack("<I", self._number))  # which has no answer
            self._prepared = None
        try:
            self._command(COMMAND.COM_STMT_PREPARE, insert_with_marks(table, size.rows))
            self._number, columns, parameters = PREPARED.unpack_from(self._connection._read_packet().get_all_data())
        except pymysql.Error as error:
            if code_of(error) not in NOT_PREPARED:
                raise
            self._batches = 0
            return False
        for described in filter(None, (parameters, columns)):
            for _ in range(described + 1):  # one behind them says that they end
                self._connection._read_packet()
        self._prepared = size
        return True

    def _command(self, command: int, text: str | bytes) -> None:
        self._connection._execute_command(command, text)
