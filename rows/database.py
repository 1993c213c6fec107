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
        code: str | None = None,
    ) -> bool:
        """End an upload, and return whether it is still this attempt's; code is None where what stopped it may pass."""

    def upload(self, connection: Any, upload_id: int) -> Any:
        """Return an upload's entry, None where it is gone; its status is interrupted after a minute without a batch."""

    def batches(self, connection: Any, upload_id: int, after: int) -> list[dict[str, Any]]:
        """Return the next batches of an upload, those with more than `after` records before them, in file order."""

    def rejects(
        self, connection: Any, upload_id: int, after: int, before: Callable[[int], None]
    ) -> list[dict[str, Any]]:
        """Return the next refused rows of an upload, those that start behind the line `after`, in file order.

        Calls before with the number of bytes that they are kept in, before it reads them.
        """


class Sources(Protocol):
    """What a load needs to know of where files come from; each call runs in the connection's transaction."""

    def claim(self, connection: Any, source: str) -> dict[str, Any]:
        """Return upload_id, request_sha256 and claimed_by of a source, which nobody else can claim then."""

    def hold(self, connection: Any, source: str, upload_id: int, request_sha256: str, claimed_by: str) -> None:
        """Claim a source for an upload."""

    def resume(self, connection: Any, upload_id: int) -> None:
        """Let an upload go on as the next attempt."""


class Database(Protocol):
    """What a load needs of a database."""

    @property
    def ledger(self) -> Any: ...
    @property
    def sources(self) -> Sources: ...
    @property
    def tables(self) -> Mapping[str, Any]:
        """The tables that take uploads, by name."""

    @property
    def recorded_errors(self) -> Mapping[type[Exception], str | None]:
        """The errors that are recorded in the ledger as what ended an upload, if it can still be written.

        Each has the stable code of what is wrong with the file, None where it may pass.
        """

    @property
    def passing_errors(self) -> tuple[type[Exception], ...]:
        """The errors after which the same upload can go on."""

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

    def get_ready(self, connection: Any, table: Any, rows: Sequence[Row]) -> None:
        """Get ready to store rows of different ids, while a server stores those before them."""

    def replace(
        self, connection: Any, upload_id: int, table: Any, replaced: Sequence[Row], rows: Sequence[Row]
    ) -> None:
        """Keep rows as they stood before the upload updated them, in that order, and let the other rows stand."""

    def unknown(self, connection: Any, table: Any, rows: Sequence[Row]) -> set[tuple[str, int]]:
        """Return the references of the rows to ids that are not stored, each with its column's name."""
