"""Requests that Schemathesis makes up of the description, sound and broken ones: no answer is one that is not in it."""

import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
import webtest
from conftest import GATEWAY
from described import description_of
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from web_client import Client

pytestmark = pytest.mark.skipif(GATEWAY is not None, reason="what API Gateway itself answers is not described")

EXAMPLES = int(os.environ.get("EXAMPLES", "6"))
"""So many sound requests, and as many broken ones, are made up of each operation; `make faults` has more."""

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def holding(app: Any) -> Callable[..., Iterable[bytes]]:
    """Return an app that holds each answer of another to its description, also where that has less than it could."""
    description = description_of(app)

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = webtest.TestRequest(environ)
        answered = request.get_response(app)
        answered.body  # noqa: B018 - read to its end, it gives its place back
        description.expect(request.method, request.path_info, answered)
        return answered(environ, start_response)

    return answer


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["sound", "broken"])
def test_no_answer_is_one_that_the_description_has_not(client: Client, mode: GenerationMode, subtests: Any) -> None:
    client.upload("departments", "1,Sales\n")
    client.upload("hired_employees", "1,Ada,2021-01-01,1,x\n2,Bob,2021-01-01,1,1\n")
    described = schemathesis.openapi.from_wsgi("/openapi.json", holding(client.app.app))

    for found in described.get_all_operations():
        operation = found.ok()

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[*HealthCheck], derandomize=True)
        @given(operation.as_strategy(generation_mode=mode))
        def send(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        with subtests.test(operation.label):
            send()
