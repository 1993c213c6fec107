"""The description of the service (OpenAPI 3.1), made from its routes, its responders, its tables and its reports."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from handlers.answer.codes import CODES
from handlers.answer.headers import ALWAYS as HEADERS_OF_ALL
from handlers.answer.headers import REQUEST_ID
from handlers.describe.operation import Content, Operation, operations_of
from handlers.describe.schemas import ID, NUMBER, named, schemas_of
from handlers.receive.query import SCHEMAS as OF_TYPE
from sql.files.stats import Parameter, Report
from sql.files.tables import Table

OPENAPI = "3.1.1"

INFO = {
    "title": "Loadbay",
    "summary": "CSV files in, every row accounted for, reports out.",
    "license": {"name": "MIT", "identifier": "MIT"},
}

ANSWERED = {200: "done", 201: "made", 202: "begun: sent again, it goes on", 304: "nothing has changed"}

REPORT = "{report}"
"""Stands in a path for the name of a report, each of which has a path of its own."""

HEADERS: Mapping[str, Any] = {
    "X-Request-ID": {"description": "the id of the request, which its line of the log has too"},
    "X-Content-Type-Options": {},
    "Cache-Control": {},
    "Content-Security-Policy": {},
    "Vary": {"description": "what else of the request the answer depends on"},
    "ETag": {"description": "changes whenever the content does"},
    "Retry-After": {"description": "so many seconds later the request may be sent again"},
    "WWW-Authenticate": {},
}

ALWAYS = ("X-Request-ID", *HEADERS_OF_ALL)
OF_STATUS = {401: ("WWW-Authenticate",), 503: ("Retry-After",)}
"""Which headers an answer has in any case, and which for its status."""

SENT: Mapping[str, Any] = {
    "X-Request-ID": {"type": "string", "pattern": f"^{REQUEST_ID.pattern}$"},
    "traceparent": {"type": "string", "examples": ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]},
}
"""Headers that any request may have; one of another form is passed over."""


class Access(Protocol):
    """Who may ask."""

    has_token: bool

    def errors(self, method: str, path: str) -> tuple[str, ...]:
        """Return the codes with which a request is kept out, none where everybody may ask."""


class Described(NamedTuple):
    """A responder at its place: path and query are schemas by name; what is needed of the query must be given."""

    method: str
    path: str
    operation: Operation
    path_schemas: Mapping[str, Any]
    query: Mapping[str, Any]
    needed: Sequence[str] = ()


def document(
    routes: Mapping[str, Any],
    access: Access,
    tables: Mapping[str, Table],
    reports: Iterable[Report],
    version: str,
    mount: str,
) -> dict[str, Any]:
    """Return the description of what is at the routes, for a service whose URLs begin with `mount`."""
    paths: dict[str, Any] = {}
    problems: dict[str, Any] = {}
    for described in _described(routes, [*tables], [*reports]):
        kept_out = access.errors(described.method, described.path)
        entry = _entry(described, kept_out, problems)
        if access.has_token:
            entry["security"] = [{"token": []}] if kept_out else []
        paths.setdefault(described.path, {})[described.method.lower()] = entry
    components = {
        "schemas": schemas_of(tables.values()),
        "responses": problems,
        "headers": {name: {"schema": {"type": "string"}} | header for name, header in HEADERS.items()},
        "parameters": {name: _parameter("header", name, schema) for name, schema in SENT.items()},
    }
    if access.has_token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": OPENAPI,
        "info": INFO | {"version": version},
        "servers": [{"url": mount or "/"}],
        "paths": paths,
        "components": components,
    }


def _described(routes: Mapping[str, Any], tables: Sequence[str], reports: Sequence[Report]) -> Iterator[Described]:
    """Yield each responder at its place, and that of the reports once for each of them."""
    known = {"table": {"type": "string", "enum": tables}, "upload_id": NUMBER, "id": ID}
    for method, path, resource, operation in operations_of(routes):
        query = {name: reader.schema for name, reader in operation.query(resource, path).items()}
        if REPORT not in path:
            in_path = {name: known[name] for name in _names_in(path)}
            yield Described(method, path, operation, in_path, query)
            continue
        for report in reports:
            in_path = {each.name: _schema_of(each) for each in report.parameters if each.name in _names_in(report.name)}
            in_query = {each.name: _schema_of(each) for each in report.parameters if each.name not in in_path}
            needed = [each.name for each in report.parameters if each.default is None]
            about = operation._replace(summary=report.description)
            yield Described(method, path.replace(REPORT, report.name), about, in_path, in_query | query, needed)


def _names_in(path: str) -> list[str]:
    return re.findall("{(.*?)}", path)


def _schema_of(parameter: Parameter) -> dict[str, Any]:
    default = {} if parameter.default is None else {"default": parameter.default}
    return {**OF_TYPE[parameter.type], **default}


def _entry(described: Described, kept_out: Sequence[str], problems: dict[str, Any]) -> dict[str, Any]:
    """Return an operation object; the errors that it names are added to the problems."""
    operation, path = described.operation, described.path
    answers = {
        str(status): {"description": ANSWERED[status], "headers": _headers(status, operation.answer_headers)}
        | ({"content": _as_content(content)} if content else {})
        for status, content in operation.answers.items()
    }
    words = re.findall("[a-z0-9_]+", path.lower()) or ["root"]
    entry = {
        "operationId": "_".join([described.method.lower(), *words]),
        "summary": operation.summary,
        "tags": [words[0]],
        "parameters": [*_parameters(described)],
        "responses": answers | _problems_of([*kept_out, *operation.errors], operation, problems),
    }
    if operation.body:
        entry["requestBody"] = {"required": True, "content": _as_content(operation.body)}
    return entry


def _parameters(described: Described) -> Iterator[dict[str, Any]]:
    for name, schema in described.path_schemas.items():
        yield _parameter("path", name, schema, required=True)
    for name, schema in described.query.items():
        yield _parameter("query", name, schema, required=name in described.needed)
    for name, schema in described.operation.headers.items():
        yield _parameter("header", name, schema)
    for name in SENT:
        yield {"$ref": f"#/components/parameters/{name}"}


def _parameter(place: str, name: str, schema: Mapping[str, Any], required: bool = False) -> dict[str, Any]:
    plain = {key: value for key, value in schema.items() if key != "description"}
    description = {"description": schema["description"]} if schema.get("description") else {}
    return {"name": name, "in": place, "required": required, **description, "schema": plain}


def _problems_of(codes: Sequence[str], operation: Operation, problems: dict[str, Any]) -> dict[str, Any]:
    """Return references to the answers for these codes, one for each status, which are added to the problems."""
    references = {}
    for status, same in groupby(sorted(dict.fromkeys(codes), key=_status_of), key=_status_of):
        names = [*same]
        name = f"{'Upload' * operation.is_upload}{status}-{'-'.join(names)}"
        problems[name] = {
            "description": ". ".join(f"`{code}`: {CODES[code].meaning}" for code in names),
            "headers": _headers(status, ()),
            "content": {"application/problem+json": {"schema": named(f"{'Upload' * operation.is_upload}Problem")}},
        }
        references[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return references


def _status_of(code: str) -> int:
    return int(CODES[code].status.split()[0])


def _headers(status: int, more: Sequence[str]) -> dict[str, Any]:
    names = (*ALWAYS, *OF_STATUS.get(status, ()), *more)
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _as_content(content: Content) -> dict[str, Any]:
    return {media_type: {"schema": schema} for media_type, schema in content.items()}
