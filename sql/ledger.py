"""The ledger: the record of every upload, how far it came and how it ended."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from sql.statements import Result, Statement, expect, read_statements

STATEMENTS = ("create_uploads", "create_rejects", "start", "counts", "update", "reject", "finish", "page", "rejects")

OBJECTS = ("options", "dialect")
AS_JSON = (*OBJECTS, "reason")
"""What is kept as JSON: objects, and text that may quote a NUL, which PostgreSQL's text does not hold."""

REJECTS_IN_PAGE = 10
"""Refused rows are read in pages of this many: a record may have RECORD_CHARS_MAX characters."""

NEWEST = 2**63 - 1
"""No upload has this number, so that all of them come before it."""


class Connection(Protocol):
    """What the ledger needs of a database's connection."""

    def select(self, statement: Statement, parameters: dict[str, Any]) -> Result: ...
    def insert(self, statement: Statement, parameters: dict[str, Any]) -> int: ...
    def execute(self, statement: Statement, parameters: dict[str, Any]) -> None: ...
    def execute_many(self, statement: Statement, parameters: Iterable[dict[str, Any]]) -> None: ...


class Reject(Protocol):
    """A refused row; its record and its fields are text."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> str | None: ...
    @property
    def code(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def record(self) -> str: ...
    @property
    def fields(self) -> list[str] | None: ...


class Ledger:
    """The record of uploads. Each call runs in the transaction, if any, that its connection is in."""

    def __init__(self, folder: Path):
        self.statements = read_statements(folder)
        expect(self.statements, folder, STATEMENTS)

    def creates(self) -> tuple[Statement, ...]:
        """Return what creates the ledger's tables."""
        return self.statements["create_uploads"], self.statements["create_rejects"]

    def start(self, connection: Connection, **upload: Any) -> int:
        """Begin an upload of table_name, file_name, sha256, bytes, options and dialect, and return its number."""
        upload |= {name: json.dumps(upload[name]) for name in OBJECTS}
        return connection.insert(self.statements["start"], upload)

    def counts(self, connection: Connection, upload_id: int) -> dict[str, int]:
        """Return an upload's counts as update takes them, none where it is gone, and keep them for the transaction.

        Whatever may still be writing them, such as the COMMIT of a connection that was cut, has ended before.
        """
        found = connection.select(self.statements["counts"], {"upload_id": upload_id}).dicts()
        return found[0] if found else {}

    def update(self, connection: Connection, upload_id: int, counts: dict[str, int], rejects: Iterable[Reject]) -> None:
        """Bring the upload's counts up to date: read, inserted, skipped, rejected, conflicts; keep its refused rows."""
        connection.execute(self.statements["update"], {"upload_id": upload_id, **counts})
        connection.execute_many(self.statements["reject"], (_as_row(upload_id, reject) for reject in rejects))

    def finish(self, connection: Connection, upload_id: int, status: str, reason: str | None) -> None:
        """End an upload as finished, refused or stopped, and say why where it is not finished."""
        parameters = {"upload_id": upload_id, "status": status, "reason": json.dumps(reason)}
        connection.execute(self.statements["finish"], parameters)

    def page(self, connection: Connection, limit: int, before: int = NEWEST) -> list[dict[str, Any]]:
        """Return at most `limit` uploads with a number below `before`, newest first."""
        uploads = connection.select(self.statements["page"], {"limit": limit, "before": before}).dicts()
        return [upload | {name: json.loads(upload[name] or "null") for name in AS_JSON} for upload in uploads]

    def upload(self, connection: Connection, upload_id: int) -> dict[str, Any] | None:
        """Return one upload, or None where none has that number."""
        uploads = self.page(connection, limit=1, before=upload_id + 1)
        return uploads[0] if uploads and uploads[0]["upload_id"] == upload_id else None

    def rejects(self, connection: Connection, upload_id: int, after: int) -> list[dict[str, Any]]:
        """Return the next refused rows of an upload, those that start behind the line `after`, in file order."""
        parameters = {"upload_id": upload_id, "after": after, "rows": REJECTS_IN_PAGE}
        return [_as_reject(row) for row in connection.select(self.statements["rejects"], parameters).dicts()]


def _as_row(upload_id: int, reject: Reject) -> dict[str, Any]:
    """Return a refused row as it is stored: the record as bytes, since PostgreSQL's text holds no NUL."""
    return {
        "upload_id": upload_id,
        "line": reject.line,
        "column_name": reject.column,
        "code": reject.code,
        "reason": json.dumps(reject.reason),
        "record": reject.record.encode(),
        "fields": json.dumps(reject.fields, ensure_ascii=False),
    }


def _as_reject(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "record": bytes(row["record"]).decode(),
        "reason": json.loads(row["reason"]),
        "fields": json.loads(row["fields"]),
    }
