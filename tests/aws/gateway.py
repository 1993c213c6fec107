"""API Gateway, as far as its events go: requests to a WSGI application that go through a Lambda's handler instead.

The shapes are those of payload formats 1.0 and 2.0, with every body in base64, as `BinaryMediaTypes: */*` has it:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote

STAGE = "prod"
CLIENT = "203.0.113.9"

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def through(handler: Handler, version: str, stage: str = STAGE) -> Callable[..., Iterable[bytes]]:
    """Return a WSGI application that asks a handler by events of version 1.0 or 2.0, below a stage."""
    event_of = {"1.0": _event_v1, "2.0": _event_v2}[version]

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        path = quote(environ["PATH_INFO"].encode("latin-1")).removeprefix(f"/{stage}") or "/"
        answer = handler(event_of(environ, path, stage), None)
        status = answer["statusCode"]
        headers = [(name, value) for name, values in _headers(answer).items() for value in values]
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()]

    return application


def _headers(answer: dict[str, Any]) -> dict[str, list[str]]:
    return answer.get("multiValueHeaders") or {name: [value] for name, value in answer["headers"].items()}


def _sent(environ: dict[str, Any]) -> dict[str, str]:
    """Return the headers of a request; the gateway adds whom it has it from, behind what the client itself claims."""
    sent = {name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        sent["Content-Type"] = environ["CONTENT_TYPE"]
    claimed = f"{sent['X-Forwarded-For']}, " if "X-Forwarded-For" in sent else ""
    return {**sent, "X-Forwarded-For": f"{claimed}{CLIENT}", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"}


def _body(environ: dict[str, Any]) -> dict[str, Any]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return {"body": b64encode(body).decode() or None, "isBase64Encoded": True}


def _event_v1(environ: dict[str, Any], path: str, stage: str) -> dict[str, Any]:
    query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
    headers = _sent(environ)
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": environ["REQUEST_METHOD"],
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "requestContext": {
            "stage": stage,
            "path": path if stage == "$default" else f"/{stage}{path}",
            "httpMethod": environ["REQUEST_METHOD"],
            "protocol": "HTTP/1.1",
            "identity": {"sourceIp": CLIENT, "userAgent": "test"},
        },
        **_body(environ),
    }


def _event_v2(environ: dict[str, Any], path: str, stage: str) -> dict[str, Any]:
    whole = path if stage == "$default" else f"/{stage}{path}"
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": whole,
        "rawQueryString": environ["QUERY_STRING"],
        "headers": {name.lower(): value for name, value in _sent(environ).items()},
        "requestContext": {
            "stage": stage,
            "http": {
                "method": environ["REQUEST_METHOD"],
                "path": whole,
                "protocol": "HTTP/1.1",
                "sourceIp": CLIENT,
                "userAgent": "test",
            },
        },
        **_body(environ),
    }
