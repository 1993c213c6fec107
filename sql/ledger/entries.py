"""The ledger's entries, as they are stored and as they are given: JSON, and records as bytes."""

import json
from typing import Any, Protocol

OBJECTS = ("options", "dialect")
AS_JSON = (*OBJECTS, "reason", "hints")
"""What is kept as JSON: objects, lists, and text that may quote a NUL, which PostgreSQL's text does not hold."""


TO_JSON, TO_ASCII = json.JSONEncoder(ensure_ascii=False), json.JSONEncoder()
"""What json.dumps makes anew for each value."""

NAMES = ("columns", "header_record")
"""What a dialect has of the file's own header."""


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
    @property
    def delimiter(self) -> str | None: ...


def as_upload(row: dict[str, Any]) -> dict[str, Any]:
    """Return an upload, as it is stored, with what it keeps as JSON read."""
    loaded = {name: json.loads(row[name] or "null") for name in AS_JSON}
    return row | loaded | {"hints": loaded["hints"] or [], "sha256": row["sha256"] or None}


def without_names(dialect: str) -> str:
    """Return a dialect, as it is stored, without what it has of the file's own header."""
    found = json.loads(dialect)
    return json.dumps(found and {name: found[name] for name in found if name not in NAMES})


def as_row(upload_id: int, reject: Reject) -> dict[str, Any]:
    """Return a refused row as it is stored: the record as bytes, since PostgreSQL's text holds no NUL."""
    return {
        "upload_id": upload_id,
        "line": reject.line,
        "column_name": reject.column,
        "code": reject.code,
        "reason": TO_ASCII.encode(reject.reason),
        "record": reject.record.encode(),
        "fields": TO_JSON.encode(reject.fields),
        "delimiter": reject.delimiter,
    }


def as_reject(row: dict[str, Any]) -> dict[str, Any]:
    """Return a refused row, as it is stored, with its texts."""
    return row | {
        "record": bytes(row["record"]).decode(),
        "reason": json.loads(row["reason"]),
        "fields": json.loads(row["fields"]),
    }
