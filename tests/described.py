"""Holds every answer to the OpenAPI description of the service that gives it, and to no more than that."""

import re
from collections.abc import Hashable
from typing import Any

import jsonschema_rs
import webtest

from handlers.describe.document import document
from handlers.openapi import OpenAPI

DESCRIPTIONS: dict[Hashable, "Description"] = {}
"""Each is made once: most services of the tests have the same tables and reports."""

SAID_OF_ANY = {"content-type", "content-length"}


class DescribedApp(webtest.TestApp):
    """Asserts of each answer that it is one of those which the description has."""

    def do_request(self, req: Any, status: Any = None, expect_errors: Any = None) -> webtest.TestResponse:
        answer = super().do_request(req, status, expect_errors)
        if described := description_of(getattr(self.app, "application", self.app)):
            described.expect(req.method, req.environ["PATH_INFO"], answer)
        return answer


def description_of(app: Any) -> "Description | None":
    """Return the description of a service; None where the app is none, or has not yet seen its database."""
    router = getattr(app, "_router", None)
    if router is None:
        return None
    resource: OpenAPI = router.find("/openapi.json")[0]
    if "_prepared" not in vars(resource.database) or "_prepared" not in vars(resource.reports):
        return None
    tables, reports = resource.database.tables, resource.reports.reports
    known = (type(resource.access), tuple((name, table.columns) for name, table in tables.items()), tuple(reports))
    if known not in DESCRIPTIONS:
        made = document(resource.routes, resource.access, tables, reports.values(), resource.version, "")
        DESCRIPTIONS[known] = Description(made)
    return DESCRIPTIONS[known]


class Description:
    """A description, and validators of its schemas that take no more members than these have."""

    def __init__(self, document: dict[str, Any]):
        self.document = document
        self._schemas = closed(document["components"]["schemas"])
        self._validators: dict[str, Any] = {}
        self._paths = [
            (re.compile(re.sub(r"\\{.*?\\}", "[^/]*", re.escape(path))), path)
            for path in sorted(document["paths"], key=lambda path: (path.count("{"), -len(path)))
        ]

    def expect(self, method: str, path: str, answer: webtest.TestResponse) -> None:
        """Assert that an operation gives such an answer: status, headers, type, content and code."""
        operation = self._operation(method, path)
        if operation is None:
            return
        where = f"{method} {path} {answer.status}"
        assert str(answer.status_int) in operation["responses"], f"{where}: {answer.text[:500]}"
        said = self._said(operation["responses"][str(answer.status_int)])
        more = {*map(str.lower, answer.headers)} - SAID_OF_ANY - {*map(str.lower, said["headers"])}
        assert not more, f"{where}: {more}"
        content = said.get("content", {})
        if not content:
            assert not answer.body, where
            return
        assert answer.content_type in content, where
        schema = content[answer.content_type]["schema"]
        if "$ref" in schema:
            self._validator(schema["$ref"]).validate(answer.json)
        if answer.content_type == "application/problem+json":
            assert f"`{answer.json['code']}`" in said["description"], where

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        found = next((name for pattern, name in self._paths if pattern.fullmatch(path)), None)
        return self.document["paths"][found].get(method.lower()) if found else None

    def _said(self, answer: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in answer:
            return answer
        return self.document["components"]["responses"][answer["$ref"].rpartition("/")[2]]

    def _validator(self, reference: str) -> Any:
        if reference not in self._validators:
            schema = {"$ref": reference, "components": {"schemas": self._schemas}}
            self._validators[reference] = jsonschema_rs.validator_for(schema)
        return self._validators[reference]


def closed(schema: Any) -> Any:
    """Return a schema whose objects have no other properties than those that it names."""
    if isinstance(schema, dict):
        more = {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {}
        return {name: closed(value) for name, value in schema.items()} | more
    return [*map(closed, schema)] if isinstance(schema, list) else schema
