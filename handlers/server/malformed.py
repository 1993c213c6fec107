"""Answers to what is no request yet, before the service is asked: in the shape of all errors, and in the log."""

from contextlib import suppress
from socket import MSG_DONTWAIT, socket
from uuid import uuid4

import falcon
from gunicorn.config import Config
from gunicorn.http.errors import (
    ExpectationFailed,
    InvalidHeader,
    InvalidHeaderName,
    InvalidHTTPVersion,
    InvalidRequestLine,
    InvalidRequestMethod,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

from handlers.answer.headers import ALWAYS
from handlers.answer.json import dumps
from handlers.answer.problems import FAILED, problem
from handlers.server.log import RequestLog

NAMED_HEADERS = {"CONTENT-LENGTH", "TRANSFER-ENCODING", "HOST", "EXPECT", "CONTENT-TYPE"}
"""Which names of headers are repeated: what the parser takes for a name may be a line that holds a token."""


def fault_of(error: Exception, limits: Config) -> tuple[str, str]:
    """Return the status and the sentence for an error of gunicorn's parser, or for one of our own."""
    match error:
        case LimitRequestLine():
            return falcon.HTTP_414, f"the first line of the request has over {limits.limit_request_line} bytes"
        case LimitRequestHeaders():
            return falcon.HTTP_431, (
                f"the request has over {limits.limit_request_fields} headers, "
                f"or one of over {limits.limit_request_field_size} bytes"
            )
        case InvalidRequestLine() | InvalidRequestMethod() | InvalidHTTPVersion():
            return falcon.HTTP_400, "the request does not begin with a line such as GET /tables HTTP/1.1"
        case InvalidHeader(hdr=name) | InvalidHeaderName(hdr=name) if name.upper() in NAMED_HEADERS:
            return falcon.HTTP_400, f"the header {name} is malformed, doubled, or contradicts another"
        case UnsupportedTransferCoding():
            return falcon.HTTP_501, "the Transfer-Encoding is unknown: expected chunked, or none"
        case ExpectationFailed():
            return falcon.HTTP_417, "the Expect is unknown: expected 100-continue, or none"
        case ParseException():
            return falcon.HTTP_400, "a header of the request is malformed"
    return falcon.HTTP_500, FAILED


def refuse(client: socket, address: tuple[str, int] | str, status: str, detail: str, log: RequestLog) -> None:
    """Write an error to a client that is sent nothing after it."""
    request_id = uuid4().hex
    answer = problem(status, detail)
    content = dumps(answer).encode()
    headers = ALWAYS | {
        "X-Request-ID": request_id,
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(content)),
        "Connection": "close",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with suppress(OSError):
        client.send(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + content, MSG_DONTWAIT)
    log.refused(address, request_id, answer)
