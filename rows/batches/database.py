"""What a load needs of a database: no more than these calls."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from rows.say.rejects import Reject
from rows.table import Row

Done = TypeVar("Done")


class Ledger(Protocol):
    """What a load needs of the ledger; each call runs in the connection's transaction."""

    def counts(self, connection: Any, upload_id: int) -> dict[str, Any]:
        """Return an upload's attempt, status and counts, none where it is gone.

        Nothing else can be writing them then.
        """

    def start(self, connection: Any, **upload: Any) -> int:
        """Begin an upload, and return its number."""

    def update(
        self, connection: Any, upload_id: int, attempt: int, counts: dict[str, int], rejects: Iterable[Reject]
    ) -> bool:
        """Bring an upload's counts up to date and keep its refused rows, if it is still this attempt's; say whether."""

    def keep(self, connection: Any, upload_id: int, ids: Mapping[str, Any], table_name: str | None) -> None:
        """Keep what became of a batch's ids; table_name is None where its rows were rolled back."""

    def finish(
        self,
        connection: Any,
        upload_id: int,
        attempt: int,
        status: str,
        reason: str | None,
        hints: Sequence[Mapping[str, Any]] = (),
    ) -> bool:
        """End an upload, and return whether it is still this attempt's."""


class Database(Protocol):
    """What a load needs of a database."""

    @property
    def ledger(self) -> Any: ...
    @property
    def tables(self) -> Mapping[str, Any]:
        """The tables that take uploads, by name."""

    @property
    def recorded_errors(self) -> tuple[type[Exception], ...]:
        """The errors that are recorded in the ledger as what ended an upload, if it can still be written."""

    def connection(self) -> AbstractContextManager[Any]: ...

    def transact(
        self, connection: Any, work: Callable[[], Done], durable: bool = False, has_landed: Callable[[], bool] = ...
    ) -> Done:
        """Return what the work does in a transaction, done again where a passing fault undid it, but never twice."""

    def store(
        self, connection: Any, table: Any, rows: Mapping[int, Row], meanwhile: Callable[[], None], lock: bool
    ) -> Mapping[int, Row]:
        """Insert the rows by id, and return those that were stored under these ids before.

        Calls meanwhile while a server inserts, if it does. With lock nobody else changes those that were stored until
        the transaction ends.
        """

    def replace(
        self, connection: Any, upload_id: int, table: Any, replaced: Sequence[Row], rows: Sequence[Row]
    ) -> None:
        """Keep rows as they stood before the upload updated them, in that order, and let the other rows stand."""

    def unknown(self, connection: Any, table: Any, rows: Sequence[Row]) -> set[tuple[str, int]]:
        """Return the references of the rows to ids that are not stored, each with its column's name."""
