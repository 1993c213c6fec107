"""A batch of rows into its table, many of them with each INSERT."""

import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import Any

from sql.files.tables import Table

ROWS_TOGETHER = 100
"""One INSERT takes this many rows, or fewer where a table has so many columns that SQLite takes no more parameters."""


def insert_rows(connection: sqlite3.Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert rows, and return how many of them the statement has not passed over.

    What stands behind VALUES is repeated for ROWS_TOGETHER rows: one by one they take twice the time.
    """
    most = connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(table.columns)
    together = min(ROWS_TOGETHER, most)
    full = len(rows) // together * together
    return sum(
        _insert_groups(connection, table, part, size)
        for part, size in ((rows[:full], together), (rows[full:], len(rows) - full))
        if part
    )


def _insert_groups(connection: sqlite3.Connection, table: Table, rows: Sequence[tuple[Any, ...]], size: int) -> int:
    """Insert rows, so many with each INSERT, and return their number."""
    before, values, row = table.statements["insert"].text.rpartition("VALUES")
    groups = (list(chain.from_iterable(rows[start : start + size])) for start in range(0, len(rows), size))
    return connection.executemany(f"{before}{values}{','.join([row] * size)}", groups).rowcount
