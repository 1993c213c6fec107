"""What taking back needs of a database: no more than these calls."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from rows.table import Row

Done = TypeVar("Done")


class Undo(Protocol):
    """What taking back needs of the ledger; each call runs in the connection's transaction."""

    def begin(self, connection: Any, upload_id: int) -> bool:
        """Set an upload to be taken back, and return whether that could be: not where it is, or nothing was stored."""

    def start(self, connection: Any, upload_id: int) -> None:
        """Begin to note how far the taking back has come, unless that is noted."""

    def progress(self, connection: Any, upload_id: int) -> dict[str, Any]:
        """Return how far it has come, once nobody else is at it; nothing where it has not begun."""

    def note(self, connection: Any, upload_id: int, progress: Mapping[str, Any]) -> None:
        """Note how far it has come."""

    def end(self, connection: Any, upload_id: int) -> None:
        """Set the upload to be taken back whole."""

    def batch(self, connection: Any, upload_id: int, after: int) -> dict[str, Any] | None:
        """Return the next batch that is not taken back, with more than `after` records before it."""

    def changes(self, connection: Any, upload_id: int, rows: int) -> list[tuple[Any, ...]]:
        """Return the upload's next updates, oldest first: number, id, content, next_number, next_own_number."""

    def first_changes(
        self, connection: Any, upload_id: int, table_name: str, ids: Sequence[int]
    ) -> dict[int, tuple[int | None, int | None]]:
        """Return the numbers of the first update of each row that has any: by anyone, and by the upload."""

    def take(
        self, connection: Any, upload_id: int, read_before: int, last: int, before: Mapping[int, str | None]
    ) -> None:
        """Mark a batch as taken back, forget the updates up to the number last, and change what stood before others."""

    def skips(self, connection: Any, table_name: str, upload_id: int, read_before: int) -> list[dict[str, Any]]:
        """Return the next batches of uploads to a table that skipped rows, behind one of an upload."""


class Database(Protocol):
    """What taking back needs of a database."""

    @property
    def undo(self) -> Any: ...
    def connection(self) -> AbstractContextManager[Any]: ...
    def transact(self, connection: Any, work: Callable[[], Done], durable: bool = False) -> Done:
        """Return what the work does in a transaction, done again where a passing fault undid it."""

    def settle(self, connection: Any) -> None:
        """Wait until all that is committed is visible: a row that is not yet would be passed over, and stay."""

    def stored(self, connection: Any, table: Any, ids: Sequence[int], lock: bool = False) -> Mapping[int, Row]:
        """Return the rows that are stored under ids; with lock nobody else changes them until the transaction ends."""

    def change(self, connection: Any, table: Any, ids: Sequence[int], rows: Sequence[Row]) -> None:
        """Delete the rows under the ids, and let the rows stand, all of which are stored."""
