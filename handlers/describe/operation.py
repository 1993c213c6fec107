"""What is said of a responder: what it takes, what it answers, and the codes of its errors."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from handlers.receive.query import Reader
from rows.codes import OF_FILES

Schema = Mapping[str, Any]
"""A JSON Schema (draft 2020-12), as OpenAPI 3.1 has it."""

Content = dict[str, Schema]
"""Schemas of a body, by media type."""

Query = Callable[[Any, str], Mapping[str, Reader]]
"""Returns what a resource at a path reads in the query."""

Responder = TypeVar("Responder", bound=Callable[..., None])

ANYWHERE = (
    *("malformed_request", "timed_out", "line_too_long", "unknown_expectation", "head_too_large", "failed"),
    "unknown_transfer_coding",
)
"""Errors of requests that no responder sees, and of those that fail."""

OF_DATABASE = ("database_busy", "database_unavailable", "disk_full")

OF_RECEIVING = (
    *("malformed_form", "broken_transfer", "length_required", "file_too_large", "unsupported_media_type", "no_place"),
    *("spool_full", "turn_late", "disk_full"),
)
"""Errors of a file on its way in."""

OF_LOADING = (
    *("archive_damaged", "bad_header", "no_update", "overtaken", "still_running", "being_taken_back", "rows_erased"),
    *("key_reused", "batches_lost", "reading_ended", *OF_FILES),
)
"""Errors of a file that was received."""


class Operation(NamedTuple):
    """A responder as OpenAPI describes it; path parameters and who may ask are not its own to say.

    answers has the content for each status that is no error; errors are codes. headers are schemas of those that are
    read, and answer_headers the names of those that an answer has besides. is_upload says that an error may have the
    members of an account.
    """

    summary: str
    answers: Mapping[int, Content]
    errors: tuple[str, ...]
    query: Query
    headers: Mapping[str, Schema]
    answer_headers: tuple[str, ...]
    body: Content | None
    is_upload: bool


def describe(
    summary: str,
    answers: Mapping[int, Content],
    *errors: str,
    query: Query = lambda resource, path: {},
    headers: Mapping[str, Schema] | None = None,
    answer_headers: tuple[str, ...] = (),
    body: Content | None = None,
    is_upload: bool = False,
) -> Operation:
    """Return an Operation of these, with the errors that any request may meet."""
    return Operation(summary, answers, (*ANYWHERE, *errors), query, headers or {}, answer_headers, body, is_upload)


def describes(*what: Any, **more: Any) -> Callable[[Responder], Responder]:
    """Say of a responder what describe takes."""

    def keep(responder: Responder) -> Responder:
        responder.operation = describe(*what, **more)  # type: ignore[attr-defined]
        return responder

    return keep


def operations_of(routes: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, Operation]]:
    """Yield the method, the path, the resource and the operation of each responder, in the order of the paths.

    A resource that is used for several paths has an operation of its own.
    """
    for path, resource in routes.items():
        for name in ("get", "post", "put", "delete"):
            responder = getattr(resource, f"on_{name}", None)
            if responder:
                yield name.upper(), path, resource, getattr(resource, "operation", None) or responder.operation


def as_json(schema: str) -> Content:
    """Return the content of an answer in JSON, whose schema has that name."""
    return {"application/json": {"$ref": f"#/components/schemas/{schema}"}}


AS_CSV: Content = {"text/csv": {"type": "string"}}
"""The content of an answer in CSV (RFC 4180)."""

PACKED: Mapping[str, Schema] = {"Content-Encoding": {"type": "string", "enum": ["identity", "gzip"]}}

FILE: Content = {
    "multipart/form-data": {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
    },
    "text/csv": {"type": "string"},
}
"""A file as it comes in: in the one part of a form, or bare; either may be packed by gzip."""
