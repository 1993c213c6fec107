"""The service as API Gateway asks for it: below its stage, for the client it saw, with answers that Lambda can give."""

import json
import sys
import time
from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import quote

from aws.bucket import Bucket
from handlers.answer.facts import facts_of
from handlers.answer.problems import FAILED, problem
from handlers.server.log import as_line, error_line

ANSWER_BYTES_MAX = 4 * 1024 * 1024
"""A larger answer goes into the bucket: Lambda gives 6 MB at most, and bytes are a third larger in base64.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

OF_THE_BODY = {"content-type", "content-length", "content-disposition", "etag"}
"""What headers say of a body alone."""

FAILURE = "500 Internal Server Error"

Start = Callable[..., Any]
App = Callable[[dict[str, Any], Start], Iterable[bytes]]


class Gateway:
    """A WSGI application (PEP 3333) around the service's, that writes the log's line of each request, too."""

    def __init__(self, app: App, bucket: Bucket | None):
        """Larger answers go into the bucket, if there is one."""
        self._app = app
        self._bucket = bucket

    def __call__(self, environ: dict[str, Any], start_response: Start) -> list[bytes]:
        begun = time.monotonic()
        take_place(environ, environ["apig_wsgi.request_context"])
        status, headers, body = self._answer(environ)
        names = {name.lower(): value for name, value in headers}
        line = as_line(
            request_id=names.get("x-request-id"),
            client=environ["REMOTE_ADDR"],
            method=environ["REQUEST_METHOD"],
            path=quote(environ["PATH_INFO"].encode("latin-1")),
            status=int(status[:3]),
            content_length=environ.get("CONTENT_LENGTH"),
            sent_bytes=len(body),
            seconds=round(time.monotonic() - begun, 4),
            **facts_of(environ),
        )
        print(line, flush=True)
        start_response(status, headers)
        return [body]

    def _answer(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        """Return what the service answers, or where that is to be fetched. An error is logged without its words."""
        try:
            return self._answer_or_place(environ)
        except Exception as error:  # the body broke off, or S3 failed: nothing was sent yet
            print(error_line(error, **facts_of(environ)), file=sys.stderr, flush=True)
            failed = json.dumps(problem(FAILURE, FAILED)).encode()
            return FAILURE, [("Content-Type", "application/problem+json")], failed

    def _answer_or_place(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        begun: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
            begun[:] = [status, headers]

        with SpooledTemporaryFile[bytes](ANSWER_BYTES_MAX) as spool:
            write_all(self._app(environ, start), spool)
            status, headers = begun
            size = spool.tell()
            spool.seek(0)
            if size <= ANSWER_BYTES_MAX or self._bucket is None:
                return status, headers, spool.read()
            kind = next((value for name, value in headers if name.lower() == "content-type"), "")
            others = [(name, value) for name, value in headers if name.lower() not in OF_THE_BODY]
            return "303 See Other", [*others, ("Location", self._bucket.export(spool, kind))], b""


def write_all(pieces: Iterable[bytes], spool: Any) -> None:
    """Write the body of an answer, and close it."""
    try:
        for piece in pieces:
            spool.write(piece)
    finally:
        if close := getattr(pieces, "close", None):
            close()


def take_place(environ: dict[str, Any], context: dict[str, Any]) -> None:
    """Let the service know its own place below a stage, and who asks, as the gateway says it.

    The stage is in the path that was asked for, but not under a domain of one's own, nor where it is `$default`. A REST
    API (payload 1.0) leaves it out of the event's path, an HTTP API (2.0) does not.
    """
    http = context.get("http")
    stage, asked = f"/{context['stage']}", (http or context)["path"]
    environ["SCRIPT_NAME"] = stage if f"{asked}/".startswith(f"{stage}/") else ""
    if http:
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(environ["SCRIPT_NAME"])
    environ["REMOTE_ADDR"] = (http or context["identity"])["sourceIp"]
