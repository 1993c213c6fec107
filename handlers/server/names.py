"""One look at the start whether gunicorn has what this folder builds on: much of that is private, and may change."""

import dis
import inspect
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import gunicorn

METHODS = {
    "gunicorn.workers.gthread:ThreadWorker.run": "",
    "gunicorn.workers.gthread:ThreadWorker.enqueue_req": "conn",
    "gunicorn.workers.gthread:ThreadWorker.handle": "conn",
    "gunicorn.workers.gthread:ThreadWorker.handle_request": "req, conn",
    "gunicorn.workers.gthread:ThreadWorker._keepalive_after": "conn, keepalive",
    "gunicorn.workers.gthread:ThreadWorker._cap_keepalive": "deadline",
    "gunicorn.workers.gthread:ThreadWorker.handle_error": "req, client, addr, exc",
    "gunicorn.workers.gthread:ThreadWorker.finish_request": "conn, fs",
    "gunicorn.workers.gthread:ThreadWorker.murder_pending": "",
    "gunicorn.workers.gthread:TConn.init": "",
    "gunicorn.workers.gthread:TConn.close": "graceful",
    "gunicorn.http.parser:Parser.finish_body": "deadline, max_bytes",
    "gunicorn.http.unreader:SocketUnreader.chunk": "size_hint",
    "gunicorn.http.unreader:Unreader.take_buffered": "",
    "gunicorn.http.unreader:Unreader.unread": "data",
    "gunicorn.glogging:Logger.access": "resp, req, environ, request_time",
    "gunicorn.glogging:Logger.exception": "msg, args, kwargs",
}
"""The methods that are called or overridden, with the names of what they take."""

ATTRIBUTES = {
    "gunicorn.workers.gthread:ThreadWorker": "alive, cfg, log, nr_conns, poller",
    "gunicorn.workers.gthread:TConn": "client, initialized, parser, sock",
    "gunicorn.http.parser:Parser": "unreader",
    "gunicorn.http.unreader:Unreader": "buf",
    "gunicorn.http.body:Body": "reader",
    "gunicorn.http.body:LengthReader": "length, unreader",
    "gunicorn.http.wsgi:Response": "headers, sent, status_code",
    "gunicorn.glogging:Logger": "access_log, access_log_enabled, error_log",
    "gunicorn.arbiter:Arbiter": "LISTENERS, cfg",
    "gunicorn.http.errors": (
        "ExpectationFailed, InvalidHeader, InvalidHeaderName, InvalidHTTPVersion, InvalidRequestLine, "
        "InvalidRequestMethod, LimitRequestHeaders, LimitRequestLine, ParseException, UnsupportedTransferCoding"
    ),
}
"""What instances of classes, and modules, have."""

REQUIREMENTS = Path(__file__).parents[2] / "requirements.txt"


def look_at_gunicorn() -> None:
    """End the process with a sentence where the gunicorn that is installed has not all that is built on."""
    missing = [*_missing_methods(), *_missing_attributes()]
    if missing:
        wanted = REQUIREMENTS.read_text().partition("\ngunicorn")[2].split()[0]
        raise SystemExit(
            f"gunicorn {gunicorn.__version__} has no {', no '.join(missing)}, which handlers/server builds on: "
            f"expected gunicorn{wanted}, as in requirements.txt"
        )


def _missing_methods() -> Iterator[str]:
    for name, taken in METHODS.items():
        method = _find(name)
        if method is None or list(inspect.signature(method).parameters)[1:] != _words(taken):
            yield f"{name.rpartition(':')[2]}({taken})"


def _missing_attributes() -> Iterator[str]:
    for name, attributes in ATTRIBUTES.items():
        found = _attributes_of(_find(name))
        yield from (
            f"{name.rpartition(':')[2]}.{attribute}" for attribute in _words(attributes) if attribute not in found
        )


def _find(path: str) -> Any:
    """Return what is at a path such as gunicorn.arbiter:Arbiter, None where nothing is."""
    with suppress(ImportError, AttributeError):
        return resolve_name(path)
    return None


def _attributes_of(found: Any) -> set[str]:
    """Return the names of what a module has, or an instance of a class: also of what its methods set."""
    names = set(dir(found))
    for kind in getattr(found, "__mro__", ()):
        for method in filter(inspect.isfunction, vars(kind).values()):
            names |= {step.argval for step in dis.get_instructions(method) if step.opname == "STORE_ATTR"}
    return names


def _words(text: str) -> list[str]:
    return text.split(", ") if text else []
