"""The ledger: the record of every upload, how far it came and how it ended."""

import json
from pathlib import Path
from typing import Any, Protocol

from sql.statements import Result, Statement, expect, read_statements

STATEMENTS = ("create_uploads", "start", "update", "finish", "page")

NEWEST = 2**63 - 1
"""No upload has this number, so that all of them come before it."""


class Connection(Protocol):
    """What the ledger needs of a database's connection."""

    def select(self, statement: Statement, parameters: dict[str, Any]) -> Result: ...
    def execute(self, statement: Statement, parameters: dict[str, Any]) -> None: ...


class Ledger:
    """The record of uploads. Each call runs in the transaction, if any, that its connection is in."""

    def __init__(self, folder: Path):
        self.statements = read_statements(folder)
        expect(self.statements, folder, STATEMENTS)

    def creates(self) -> Statement:
        return self.statements["create_uploads"]

    def start(self, connection: Connection, **upload: Any) -> int:
        """Begin an upload of table_name, file_name, sha256, bytes and options, and return its number."""
        upload["options"] = json.dumps(upload["options"])
        return connection.select(self.statements["start"], upload).rows[0][0]

    def update(self, connection: Connection, upload_id: int, counts: dict[str, int]) -> None:
        """Bring the upload's counts up to date: read, inserted, skipped, rejected, conflicts."""
        connection.execute(self.statements["update"], {"upload_id": upload_id, **counts})

    def finish(self, connection: Connection, upload_id: int, status: str, reason: str | None) -> None:
        """End an upload as finished, refused or stopped, and say why where it is not finished."""
        connection.execute(self.statements["finish"], {"upload_id": upload_id, "status": status, "reason": reason})

    def page(self, connection: Connection, limit: int, before: int = NEWEST) -> list[dict[str, Any]]:
        """Return at most `limit` uploads with a number below `before`, newest first."""
        uploads = connection.select(self.statements["page"], {"limit": limit, "before": before}).dicts()
        return [upload | {"options": json.loads(upload["options"])} for upload in uploads]

    def upload(self, connection: Connection, upload_id: int) -> dict[str, Any] | None:
        """Return one upload, or None where none has that number."""
        uploads = self.page(connection, limit=1, before=upload_id + 1)
        return uploads[0] if uploads and uploads[0]["upload_id"] == upload_id else None
