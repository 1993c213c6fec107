"""Requests and forms that are none: each is refused with a sentence, in the one shape of errors, and nothing is stored."""

import json
import socket
from collections.abc import Callable

import pytest
from served import Served
from waits import PATIENCE
from web_client import Client

SECRET = b"Ana Secret"
HOST = b"Host: localhost\r\n"
LINE = b"POST /upload/jobs HTTP/1.1\r\n" + HOST
CSV = LINE + b"Content-Type: text/csv\r\n"
BODY = b"1,Ana Secret\n"
NO_REQUEST = "the request does not begin with a line such as GET /tables HTTP/1.1"
LENGTH = "the header CONTENT-LENGTH is malformed, doubled, or contradicts another"
CHUNKS = "the body broke off, or its chunks are malformed"


pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


def ask(served: Served, request: bytes) -> tuple[dict[str, str], dict]:
    """Send bytes, and return the headers and the content of the first answer."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, content = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if "chunked" in headers.get("transfer-encoding", ""):
        content = b"".join(content.partition(b"\r\n0\r\n")[0].split(b"\r\n")[1::2])
    length = int(headers.get("content-length", len(content)))
    return headers, json.loads(content[:length])


@pytest.mark.proves(
    "4xx or 501 with a sentence, nothing stored, nothing of it in the log",
    "lengths that are missing, negative, doubled or contradictory; chunks, heads and headers that are malformed or too long",
    "our own answers to what gunicorn refuses",
)
@pytest.mark.parametrize(
    ("request_bytes", "status", "detail"),
    [
        pytest.param(BODY + b"\r\n\r\n", 400, NO_REQUEST, id="no request line"),
        pytest.param(b"GET /\r\n\r\n", 400, NO_REQUEST, id="no version"),
        pytest.param(b"GET /tables HTTP/9.9\r\n\r\n", 400, NO_REQUEST, id="version"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, NO_REQUEST, id="TLS"),
        pytest.param(b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, "the first line of the request has over 4094 bytes", id="long URL"),
        pytest.param(CSV + b"X: y\r\n" * 100 + b"\r\n", 431, "the request has over 100 headers, or one of over 8190 bytes", id="many headers"),
        pytest.param(CSV + b"X: " + b"y" * 9000 + b"\r\n\r\n", 431, "the request has over 100 headers, or one of over 8190 bytes", id="long header"),
        pytest.param(CSV + b"X: y\r\n" * 20_000, 431, "the head of the request has over 65536 bytes", id="long head"),
        pytest.param(CSV + b"Authorization Bearer Ana Secret\r\n\r\n", 400, "a header of the request is malformed", id="header without a colon"),
        pytest.param(CSV + b"Authorization: Bearer abc\r\nSecretTokenContinuation0123456789\r\n\r\n", 400, "a header of the request is malformed", id="token in two lines"),
        pytest.param(CSV + b"X Y: Ana Secret\r\n\r\n", 400, "a header of the request is malformed", id="header with a blank"),
        pytest.param(CSV + b"X: y\r\n folded\r\n\r\n", 400, "a header of the request is malformed", id="folded header"),
        pytest.param(CSV + b"Expect: a miracle\r\n\r\n", 417, "the Expect is unknown: expected 100-continue, or none", id="Expect"),
        pytest.param(CSV + b"\r\n" + BODY, 411, "the body has neither a Content-Length nor chunks", id="no length"),
        pytest.param(CSV + b"Content-Length: -13\r\n\r\n" + BODY, 400, LENGTH, id="negative length"),
        pytest.param(CSV + b"Content-Length: 13.0\r\n\r\n" + BODY, 400, LENGTH, id="broken length"),
        pytest.param(CSV + b"Content-Length: 13\r\nContent-Length: 13\r\n\r\n" + BODY, 400, LENGTH, id="doubled length"),
        pytest.param(CSV + b"Content-Length: 13\r\nContent-Length: 5\r\n\r\n" + BODY, 400, LENGTH, id="two lengths"),
        pytest.param(CSV + b"Content-Length: 99999999999999999999\r\n\r\n" + BODY, 413, "the body of 99999999999999999999 bytes is larger than 1073807360 bytes (MAX_UPLOAD_BYTES and 64 KiB)", id="huge length"),
        pytest.param(CSV + b"Content-Length: 13\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n" + BODY + b"\r\n0\r\n\r\n", 400, LENGTH, id="length and chunks"),
        pytest.param(CSV + b"Transfer-Encoding: sideways\r\n\r\n" + BODY, 501, "the Transfer-Encoding is unknown: expected chunked, or none", id="coding"),
        pytest.param(CSV + b"Transfer-Encoding: chunked\r\n\r\n-d\r\n" + BODY + b"\r\n0\r\n\r\n", 400, CHUNKS, id="negative chunk"),
        pytest.param(CSV + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + BODY + b"\r\n0\r\n\r\n", 400, CHUNKS, id="huge chunk"),
        pytest.param(CSV + b"Transfer-Encoding: chunked\r\n\r\nd\r\n" + BODY + b"xx0\r\n\r\n", 400, CHUNKS, id="chunk without its end"),
        pytest.param(CSV + b"Transfer-Encoding: chunked\r\n\r\nd;" + b"x" * 100_000 + b"\r\n" + BODY + b"\r\n0\r\n\r\n", 400, CHUNKS, id="long chunk extension"),
        pytest.param(CSV + b"Transfer-Encoding: chunked\r\n\r\nd\r\n" + BODY + b"\r\n0\r\n" + b"X: y\r\n" * 50_000 + b"\r\n", 400, CHUNKS, id="long trailers"),
    ],
)  # fmt: skip
def test_malformed_request_is_refused_with_a_sentence_and_stores_nothing(
    serve: Callable[..., Served], request_bytes: bytes, status: int, detail: str
) -> None:
    served = serve(WEB_CONCURRENCY="1").wait()

    headers, answer = ask(served, request_bytes)

    assert (answer["status"], answer["detail"]) == (status, detail)
    assert headers["content-type"] == "application/problem+json"
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
    assert served.get("/uploads") == []
    printed = served.stop()
    assert headers["x-request-id"] in printed
    assert "Secret" not in printed
    assert "Traceback" not in printed


def form(*parts: tuple[bytes, bytes], end: bytes = b"--b--\r\n") -> bytes:
    return b"".join(b"--b\r\n" + head + b"\r\n\r\n" + body + b"\r\n" for head, body in parts) + end


FILE = b'Content-Disposition: form-data; name="file"; filename="jobs.csv"'
MALFORMED = "; expected one part `file` between boundaries, with headers of at most 8192 bytes (RFC 7578)"


@pytest.mark.proves(
    "400 with a sentence, nothing stored",
    "doubled, nested, nameless, endless parts; part headers of 100 kB",
    "the checks of the parts",
)
@pytest.mark.parametrize(
    ("body", "detail"),
    [
        pytest.param(form(), "the form has no part `file`", id="no part"),
        pytest.param(b"", "the form is malformed: unexpected form structure" + MALFORMED, id="empty"),
        pytest.param(b"1,a\n", "the form is malformed: unexpected form structure" + MALFORMED, id="no form at all"),
        pytest.param(form((FILE, b"1,a"), end=b"--b--")[:-4], "the form is malformed: unexpected form structure" + MALFORMED, id="no end"),
        pytest.param(form((FILE + b"\r\nX: " + b"y" * 100_000, b"1,a")), "the form is malformed: incomplete body part headers" + MALFORMED, id="part headers of 100 kB"),
        pytest.param(form((b"X: y\r\n" * 2000 + FILE, b"1,a")), "the form is malformed: incomplete body part headers" + MALFORMED, id="2000 part headers"),
        pytest.param(form((FILE, b"1,a"), (FILE, b"2,b")), "the form has two parts `file`: send one file a request", id="two files"),
        pytest.param(form(*[(FILE, b"1,a")] * 5000), "the form has two parts `file`: send one file a request", id="5000 files"),
        pytest.param(form((b'Content-Disposition: form-data; name="x"', b"1,a"), (FILE, b"1,a")), "the form has a part 'x': expected the one part `file`; options go into the query", id="another part first"),
        pytest.param(form((FILE + b"\r\nContent-Type: multipart/mixed; boundary=c", b"--c\r\n\r\n1,a\r\n--c--")), "the part `file` is multipart/mixed; boundary=c: expected a CSV file", id="nested"),
        pytest.param(form((b"Content-Type: text/csv", b"1,a")), "the form has a part None: expected the one part `file`; options go into the query", id="part without a name"),
        pytest.param(form((FILE + b"\r\nContent-Transfer-Encoding: base64", b"MSxh")), "the form is malformed: the deprecated Content-Transfer-Encoding header field is unsupported" + MALFORMED, id="base64"),
        pytest.param(form((b'Content-Disposition: form-data; name="f\xff"', b"1,a")), "the headers of a part of the form are no UTF-8", id="name that is no UTF-8"),
        pytest.param(form((b"Content-Disposition: form-data; name=file; filename*=unicode_escape''%5Cud800", b"1,a")), "the headers of a part of the form are no UTF-8", id="file name with a lone surrogate"),
        pytest.param(form((FILE.replace(b"jobs", b"\0"), b"1,a")), "the file's name has a NUL character", id="file name with a NUL"),
        pytest.param(b"x" * 200_000, "the form is malformed: unexpected form structure" + MALFORMED, id="no boundary"),
    ],
)  # fmt: skip
def test_malformed_form_is_refused_with_a_sentence_and_stores_nothing(client: Client, body: bytes, detail: str) -> None:
    answer = client.post("jobs", body, status=400, Content_Type="multipart/form-data; boundary=b")

    assert answer["detail"] == detail
    assert client.get("/uploads") == []


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=" + "x" * 71])
def test_form_without_a_boundary_is_refused(client: Client, boundary: str) -> None:
    answer = client.post("jobs", form((FILE, b"1,a")), 400, Content_Type=f"multipart/form-data{boundary}")

    assert "boundary" in answer["detail"]


@pytest.mark.proves(
    "they are the file's",
    "bytes like a boundary",
    "not tried: Falcon reads the form",
)
def test_bytes_like_a_boundary_are_the_files(client: Client) -> None:
    rows = b"1,--b\r\n2,a --b-- b\r\n3,x\n--b\r\n4,y\r--b--\r\n"

    answer = client.post("jobs", form((FILE, rows)), Content_Type="multipart/form-data; boundary=b")

    assert (answer["read"], answer["inserted"]) == (6, 4)
    assert client.rows("jobs") == [["1", "--b"], ["2", "a --b-- b"], ["3", "x"], ["4", "y"]]
