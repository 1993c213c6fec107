"""What the ledger notes while an upload is taken back, and what stood before each update."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sql.batch import Connection, as_json
from sql.files.statements import expect, read_statements

STATEMENTS = (
    *("begin", "start", "progress", "note", "end", "batch", "mark"),
    *("changes", "first_changes", "rewrite", "forget", "skips", "latest"),
)

AS_JSON = ("kept_ids", "skipped_by")

BATCHES_IN_PAGE = 10
"""Batches of later uploads are looked at in transactions of this many."""

READ_BEFORE_MAX = 2**63 - 1


class Undo:
    """The taking back of uploads. Each call runs in the transaction that its connection is in."""

    def __init__(self, folder: Path):
        self.statements = read_statements(folder)
        expect(self.statements, folder, STATEMENTS)

    def begin(self, connection: Connection, upload_id: int) -> bool:
        """Set an upload to be taken back, and return whether that could be: not where it is, or nothing was stored."""
        return bool(connection.execute(self.statements["begin"], {"upload_id": upload_id}))

    def start(self, connection: Connection, upload_id: int) -> None:
        """Begin to note how far the taking back has come, unless that is noted."""
        parameters = {"upload_id": upload_id, "read_before_max": READ_BEFORE_MAX}
        connection.execute(self.statements["start"], parameters)

    def progress(self, connection: Connection, upload_id: int) -> dict[str, Any]:
        """Return how far it has come, once nobody else is at it; nothing where it has not begun."""
        found = connection.select(self.statements["progress"], {"upload_id": upload_id}).dicts()
        if not found:
            return {}
        lists = {name: json.loads(found[0][name]) for name in AS_JSON}
        return {**found[0], **lists, "is_done": bool(found[0]["is_done"])}

    def note(self, connection: Connection, upload_id: int, progress: Mapping[str, Any]) -> None:
        """Note how far it has come."""
        lists = {name: json.dumps(progress[name]) for name in AS_JSON}
        noted = {**progress, **lists, "is_done": int(progress["is_done"])}
        connection.execute(self.statements["note"], {"upload_id": upload_id, **noted})

    def end(self, connection: Connection, upload_id: int) -> None:
        """Set the upload to be taken back whole."""
        connection.execute(self.statements["end"], {"upload_id": upload_id})

    def batch(self, connection: Connection, upload_id: int, after: int) -> dict[str, Any] | None:
        """Return the next batch that is not taken back, with more than `after` records before it."""
        found = connection.select(self.statements["batch"], {"upload_id": upload_id, "after": after}).dicts()
        return found[0] if found else None

    def changes(self, connection: Connection, upload_id: int, rows: int) -> list[tuple[Any, ...]]:
        """Return the upload's next updates, oldest first: number, id, content, next_number, next_own_number."""
        return connection.select(self.statements["changes"], {"upload_id": upload_id, "rows": rows}).rows

    def first_changes(
        self, connection: Connection, upload_id: int, table_name: str, ids: Sequence[int]
    ) -> dict[int, tuple[int | None, int | None]]:
        """Return the numbers of the first update of each row that has any: by anyone, and by the upload."""
        parameters = {"upload_id": upload_id, "table_name": table_name, "ids": connection.as_list(ids)}
        found = connection.select(self.statements["first_changes"], parameters).rows
        return {key: (next_number, next_own_number) for key, next_number, next_own_number in found}

    def take(
        self, connection: Connection, upload_id: int, read_before: int, last: int, before: Mapping[int, str | None]
    ) -> None:
        """Mark a batch as taken back, forget the updates up to the number last, and change what stood before others."""
        connection.execute(self.statements["mark"], {"upload_id": upload_id, "read_before": read_before})
        if last:
            connection.execute(self.statements["forget"], {"upload_id": upload_id, "number": last})
        if before:
            connection.execute(self.statements["rewrite"], {"contents": as_json([*before.items()])})

    def skips(self, connection: Connection, table_name: str, upload_id: int, read_before: int) -> list[dict[str, Any]]:
        """Return the next batches of uploads to a table that skipped rows, behind one of an upload."""
        behind = {"looked_upload_id": upload_id, "looked_read_before": read_before}
        parameters = {"table_name": table_name, **behind, "rows": BATCHES_IN_PAGE}
        return connection.select(self.statements["skips"], parameters).dicts()

    def latest(self, connection: Connection, rows: int) -> list[dict[str, Any]]:
        """Return how far the taking back of so many uploads has come, those of which it was noted last."""
        return connection.select(self.statements["latest"], {"rows": rows}).dicts()
