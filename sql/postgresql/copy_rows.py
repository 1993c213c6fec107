"""A batch of rows into a table, by COPY."""

from collections.abc import Callable, Sequence
from typing import Any

from sql.files.tables import Table
from sql.postgresql.connect import Opened
from sql.postgresql.values import as_csv


def text_of(table: Table, rows: Sequence[tuple[Any, ...]]) -> str:
    """Return rows as COPY takes them.

    They go in order of their ids, so that two uploads of the same ids wait for each other and not in a circle.
    """
    return as_csv(sorted(rows))


def copy_rows(connection: Opened, table: Table, text: str, meanwhile: Callable[[], None]) -> int:
    """Insert rows, all or none of them, call meanwhile while the server does it, and return their number."""
    with connection.transaction(), connection.cursor() as cursor:  # a savepoint
        with cursor.copy(table.statements["insert"].text.encode()) as copy:
            copy.write(text)
            meanwhile()
        return cursor.rowcount
