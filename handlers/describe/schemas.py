"""What the answers in JSON look like, as JSON Schemas by their names."""

from collections.abc import Iterable
from typing import Any

from handlers.answer.codes import CODES
from rows.codes import OF_RECORDS
from rows.options import DELIMITERS
from rows.values.texts import TEXT_CHARS_MAX
from sql.files.stats import TYPES
from sql.files.tables import Column, Table
from sql.ledger.uploads import STATUSES

COUNT = {"type": "integer", "minimum": 0}
NUMBER = {"type": "integer", "minimum": 1, "description": "the number of an upload"}
ID = {"type": "integer", "format": "int64"}
IDS = {"type": "array", "items": ID}
TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}
FLAG = {"type": "boolean"}
LINE = {"type": "integer", "minimum": 1, "description": "a physical line of the file"}
MOMENT = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL = {"type": ["string", "null"], "format": "date-time"}
URL = {"type": "string", "format": "uri-reference"}

OF_TYPE: dict[str, Any] = {
    "integer": ID,
    "text": {"type": "string", "maxLength": TEXT_CHARS_MAX},
    "timestamp": MOMENT,
}
"""The schema of a value by its column's type."""


def object_of(optional: dict[str, Any] | None = None, /, **properties: Any) -> dict[str, Any]:
    """Return the schema of an object that has all of the properties, and some that are optional."""
    return {"type": "object", "required": [*properties], "properties": properties | (optional or {})}


def list_of(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def named(name: str) -> dict[str, str]:
    """Return a reference to a schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(name: str) -> dict[str, Any]:
    return {"anyOf": [named(name), {"type": "null"}]}


COUNTS = dict.fromkeys(("read", "inserted", "updated", "skipped", "rejected"), COUNT)

ACCOUNT = {
    "upload_id": NUMBER,
    "table": TEXT,
    "dry_run": FLAG,
    "dialect": or_null("Dialect"),
    **COUNTS,
    "skipped_duplicates": IDS,
    "conflicts": IDS,
    "ids_url": URL,
    "rejects": list_of(named("Reject")),
    "rejects_url": URL,
    "hints": list_of(named("Hint")),
}

PROBLEM = {
    "title": TEXT,
    "status": {"type": "integer", "minimum": 400, "maximum": 599},
    "code": {"type": "string", "enum": [*CODES]},
    "detail": TEXT,
}

SCHEMAS: dict[str, Any] = {
    "Account": object_of(**ACCOUNT)
    | {"description": "what became of each record: read = inserted + updated + skipped + rejected"},
    "Dialect": object_of(
        {
            "header": {"type": ["boolean", "string", "integer"]},
            "header_record": TEXT,
            "columns": list_of({"type": ["string", "integer"]}),
        },
        delimiter=TEXT | {"enum": [*DELIMITERS.values()]},
        encoding=TEXT,
    ),
    "Reject": object_of(line=LINE, column=TEXT_OR_NULL, code=TEXT | {"enum": [*OF_RECORDS]}, reason=TEXT, record=TEXT),
    "Hint": object_of(sentence=TEXT, options={"type": "object", "additionalProperties": TEXT}),
    "Problem": object_of(**PROBLEM) | {"description": "an error (RFC 9457)"},
    "UploadProblem": object_of(ACCOUNT, **PROBLEM)
    | {"description": "an error of an upload; once that has begun, with the members of its account"},
    "Upload": object_of(
        upload_id=NUMBER,
        table=TEXT,
        file_name=TEXT_OR_NULL,
        sha256=TEXT_OR_NULL,
        bytes=COUNT,
        source=TEXT_OR_NULL,
        options={"type": "object"},
        dialect=or_null("Dialect"),
        status=TEXT | {"enum": [*STATUSES]},
        reason=TEXT_OR_NULL,
        code=TEXT_OR_NULL,
        hints=list_of(named("Hint")),
        **COUNTS,
        conflicts=COUNT,
        started_at=MOMENT,
        updated_at=MOMENT,
        finished_at=MOMENT_OR_NULL,
        erased_at=MOMENT_OR_NULL,
    )
    | {"description": "an upload as the ledger has it"},
    "Uploads": list_of(named("Upload")),
    "Undo": object_of(
        upload_id=NUMBER,
        dry_run=FLAG,
        status=TEXT | {"enum": ["undoing", "undone"]},
        removed=COUNT,
        restored=COUNT,
        kept=COUNT,
        kept_ids=IDS,
        skipped_by=list_of(object_of(upload_id=NUMBER, skipped=COUNT)),
    )
    | {"description": "how far an upload is taken back: rows that were removed, restored, or kept for a later upload"},
    "Erased": object_of(upload_id=NUMBER, rejects=COUNT, replaced=COUNT, erased_at=MOMENT),
    "Preview": object_of(
        {"problem": object_of({"ways": list_of(TEXT)}, code=TEXT, detail=TEXT)},
        table=TEXT_OR_NULL,
        tables=list_of(TEXT),
        dialect=or_null("Dialect"),
        columns=list_of(object_of(name={"type": ["string", "integer", "null"]}, column=TEXT_OR_NULL)),
        rows=list_of(named("PreviewRow")),
        hints=list_of(named("Hint")),
    ),
    "PreviewRow": object_of(
        line=LINE,
        fields=list_of(TEXT),
        values={"type": ["object", "null"]},
        fault={"anyOf": [object_of(column=TEXT_OR_NULL, code=TEXT, reason=TEXT), {"type": "null"}]},
    ),
    "Link": object_of(
        url=URL,
        fields={"type": "object", "additionalProperties": TEXT},
        key=TEXT,
        max_bytes=COUNT,
        expires_at=MOMENT,
        account_url=URL,
    )
    | {"description": "a form that takes one file, and where its account is found"},
    "Reports": list_of(
        object_of(
            name=TEXT,
            description=TEXT,
            parameters=list_of(
                object_of(name=TEXT, type=TEXT | {"enum": [*TYPES]}, default={"type": ["integer", "string", "null"]})
            ),
            url=URL,
        )
    ),
    "ReportRows": list_of({"type": "object"}) | {"description": "the rows of a report, each with its columns by name"},
    "Tables": list_of(
        object_of(
            name=TEXT,
            columns=list_of(object_of(name=TEXT, type=TEXT | {"enum": [*TYPES]}, required=FLAG)),
            refers_to=list_of(TEXT),
            rows=COUNT,
            url=URL,
        )
    ),
    "Health": object_of(
        {"reports_lag_seconds": {"type": ["number", "null"]}}, status=TEXT | {"enum": ["ok"]}, version=TEXT
    ),
    "Live": object_of(status=TEXT | {"enum": ["ok"]}),
    "Urls": {"type": "object", "additionalProperties": TEXT},
    "OpenAPI": {"type": "object"},
}


def schemas_of(tables: Iterable[Table]) -> dict[str, Any]:
    """Return all schemas, those of rows of the tables included: row_of_jobs is one of jobs."""
    rows = {f"row_of_{table.name}": _row_of(table) for table in tables}
    changes = list_of(object_of(upload_id=NUMBER, outcome=TEXT | {"enum": ["inserted", "updated"]}))
    of_any = {"anyOf": [named(name) for name in rows]}
    page = object_of(rows=list_of(of_any), next={"type": ["integer", "null"]})
    return SCHEMAS | rows | {"Row": object_of(row=of_any, uploads=changes), "Rows": page}


def _row_of(table: Table) -> dict[str, Any]:
    return object_of(**{column.name: _value_of(column) for column in table.columns})


def _value_of(column: Column) -> dict[str, Any]:
    schema = OF_TYPE[column.type]
    return schema if column.required else schema | {"type": [schema["type"], "null"]}
