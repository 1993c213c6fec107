"""The ledger: the record of every upload, how far it came and how it ended."""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol

from sql.batch import Row
from sql.files.statements import Result, Statement, expect, read_statements
from sql.ledger.entries import OBJECTS, Reject, as_reject, as_row, as_upload

STATEMENTS = (
    *("number", "renumber", "start", "counts", "update", "reject", "batch", "replace", "finish"),
    *("page", "reject_sizes", "rejects", "batches", "origins", "replaced"),
    *("due", "standing", "erase", "rejects_ahead", "rejects_erase", "replaced_ahead", "replaced_erase", "erased"),
)

BATCHES_IN_PAGE, REPLACED_IN_PAGE = 10, 1000
"""Batches and rows that were replaced are read in pages of this many: a batch may have a thousand ids."""

REJECTS_IN_PAGE = 100
REJECT_BYTES_IN_PAGE = 64 * 1024
"""Refused rows are read in pages of at most so many rows and bytes, or one by one where one has more."""

NEWEST = 2**63 - 1
"""No upload has this number, so that all of them come before it."""

STATUSES = ("running", "interrupted", "finished", "refused", "stopped", "undoing", "undone")
"""How an upload may be shown to stand."""

ANY = dict.fromkeys(("table", "status", "sha256", "since"))
"""What is asked of uploads where nothing is."""


class Connection(Protocol):
    """What the ledger needs of a database's connection."""

    def select(self, statement: Statement, parameters: dict[str, Any]) -> Result: ...
    def insert(self, statement: Statement, parameters: dict[str, Any]) -> int: ...
    def execute(self, statement: Statement, parameters: dict[str, Any]) -> int: ...
    def execute_many(self, statement: Statement, parameters: Iterable[dict[str, Any]]) -> None: ...

    def as_contents(self, rows: Sequence[Row]) -> str:
        """Return rows in the form in which this database's replace.sql takes them."""


class Ledger:
    """The record of uploads. Each call runs in the transaction, if any, that its connection is in."""

    def __init__(self, folder: Path):
        self.statements = read_statements(folder)
        expect(self.statements, folder, STATEMENTS)

    def start(self, connection: Connection, **upload: Any) -> int:
        """Begin an upload of table_name, file_name, sha256, bytes, options and dialect, and return its number.

        dialect is None where the file is refused before it is known.
        """
        upload |= {name: json.dumps(upload[name]) for name in OBJECTS}
        return connection.insert(self.statements["start"], upload)

    def counts(self, connection: Connection, upload_id: int) -> dict[str, Any]:
        """Return an upload's attempt, status and counts, none where it is gone, and keep them for the transaction.

        Whatever may still be writing them, such as the COMMIT of a connection that was cut, has ended before.
        """
        found = connection.select(self.statements["counts"], {"upload_id": upload_id}).dicts()
        return found[0] if found else {}

    def update(
        self, connection: Connection, upload_id: int, attempt: int, counts: dict[str, int], rejects: Iterable[Reject]
    ) -> bool:
        """Bring the upload's counts up to date, by the names of their columns, and keep its refused rows.

        Returns whether it did: not where another attempt goes on with the upload, or it is being taken back.
        """
        is_ours = connection.execute(self.statements["update"], {"upload_id": upload_id, "attempt": attempt, **counts})
        if is_ours:
            connection.execute_many(self.statements["reject"], (as_row(upload_id, reject) for reject in rejects))
        return bool(is_ours)

    def keep(self, connection: Connection, upload_id: int, ids: Mapping[str, Any], table_name: str | None) -> None:
        """Keep what became of a batch's ids: read_before, first_id, last_id, and the runs of each outcome.

        table_name is None where its rows were rolled back.
        """
        connection.execute(self.statements["batch"], {"upload_id": upload_id, "table_name": table_name, **ids})

    def replace(self, connection: Connection, upload_id: int, table_name: str, rows: Sequence[Row]) -> None:
        """Keep rows as they stand before an upload updates them, in this order."""
        contents = connection.as_contents(rows)
        connection.execute(
            self.statements["replace"], {"upload_id": upload_id, "table_name": table_name, "rows": contents}
        )

    def finish(
        self,
        connection: Connection,
        upload_id: int,
        attempt: int,
        status: str,
        reason: str | None,
        hints: Sequence[dict[str, Any]] = (),
        code: str | None = None,
    ) -> bool:
        """End an upload as finished, refused or stopped, and say why where it is not finished.

        code is a stable name of that, None where what stopped it may pass.
        Returns whether it did: not where another attempt goes on with the upload, or it is being taken back.
        """
        kept = {"reason": json.dumps(reason), "code": code, "hints": json.dumps(hints) if hints else None}
        parameters = {"upload_id": upload_id, "attempt": attempt, "status": status, **kept}
        return bool(connection.execute(self.statements["finish"], parameters))

    def page(
        self, connection: Connection, limit: int, before: int = NEWEST, first: int = 0, **wanted: str | None
    ) -> list[dict[str, Any]]:
        """Return at most `limit` uploads with a number from `first` on and below `before`, newest first.

        wanted may name their table, status (one of STATUSES), sha256, and since when they began, in ISO 8601 with a Z.
        """
        parameters = {"limit": limit, "before": before, "first": first, **ANY, **wanted}
        return [as_upload(row) for row in connection.select(self.statements["page"], parameters).dicts()]

    def upload(self, connection: Connection, upload_id: int) -> dict[str, Any] | None:
        """Return one upload, or None where none has that number."""
        uploads = self.page(connection, limit=1, before=upload_id + 1, first=upload_id)
        return uploads[0] if uploads else None

    def rejects(
        self, connection: Connection, upload_id: int, after: int, before: Callable[[int], None]
    ) -> list[dict[str, Any]]:
        """Return the next refused rows of an upload, those that start behind the line `after`, in file order.

        Calls before with the number of bytes that they are kept in, before it reads them.
        """
        place = {"upload_id": upload_id, "after": after}
        sizes = connection.select(self.statements["reject_sizes"], place | {"rows": REJECTS_IN_PAGE}).rows
        if not sizes:
            return []
        ends = [*accumulate(size for _, size in sizes)]
        last = max(0, bisect_right(ends, REJECT_BYTES_IN_PAGE) - 1)
        before(ends[last])
        found = connection.select(self.statements["rejects"], place | {"last": sizes[last][0]})
        return [as_reject(row) for row in found.dicts()]

    def batches(self, connection: Connection, upload_id: int, after: int) -> list[dict[str, Any]]:
        """Return the next batches of an upload, those with more than `after` records before them, in file order."""
        parameters = {"upload_id": upload_id, "after": after, "rows": BATCHES_IN_PAGE}
        return connection.select(self.statements["batches"], parameters).dicts()

    def origins(
        self, connection: Connection, table_name: str, id: int, upload_id: int, after: int
    ) -> list[dict[str, Any]]:
        """Return the next batches that may have inserted or updated a row, behind one of an upload, oldest first."""
        parameters = {"table_name": table_name, "id": id, "upload_id": upload_id, "after": after}
        return connection.select(self.statements["origins"], parameters | {"rows": BATCHES_IN_PAGE}).dicts()

    def replaced(self, connection: Connection, upload_id: int, after: int) -> list[dict[str, Any]]:
        """Return the next rows that an upload replaced, behind the number `after`."""
        parameters = {"upload_id": upload_id, "after": after, "rows": REPLACED_IN_PAGE}
        return connection.select(self.statements["replaced"], parameters).dicts()
