"""What a batch is sent as to a server, made while that is busy with the batch before."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

from sql.errors import StatementRefused
from sql.files.tables import Table

Rows = Sequence[tuple[Any, ...]]
Sent = TypeVar("Sent")


class Ready(Generic[Sent]):
    """Holds what the next batch is sent as; `make` makes it of a table and its rows."""

    def __init__(self, make: Callable[[Table, Rows], Sent]):
        self._make = make
        self._made: tuple[Table, Rows, Sent] | None = None

    def prepare(self, table: Table, rows: Rows) -> None:
        """Make what the rows are sent as. What is wrong with that is said when it is taken."""
        with suppress(StatementRefused):
            self._made = (table, rows, self._make(table, rows))

    def take(self, table: Table, rows: Rows) -> Sent:
        """Return what the rows are sent as, made now unless it is there."""
        made, self._made = self._made, None
        if made and made[0] is table and made[1] == rows:
            return made[2]
        return self._make(table, rows)
