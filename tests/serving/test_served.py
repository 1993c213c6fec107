"""What only a real gunicorn shows: bodies as they come over a socket, threads, processes and memory."""

import gzip
import hashlib
import http.client
import json
import random
import re
import socket
import struct
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from served import RECEIVED, Served
from servers.server import Server
from waits import PATIENCE, until
from web_client import HEALTHY, check_account

from rows.bytes.spool import SPOOL_MEMORY_BYTES
from sql import open_database

FORM = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="jobs.csv"\r\nContent-Type: text/csv\r\n\r\n'
    b"1,Clerk\r\n2,Agent\r\n--b--\r\n"
)
FORM_TYPE = "multipart/form-data; boundary=b"


def send(served: Served, body: bytes, *headers: str, table: str = "jobs", end: bool = True) -> tuple[int, dict]:
    """Send a POST byte by byte as given, say that no more comes, and return status and answer."""
    head = f"POST /upload/{table} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        connection.sendall((head + "".join(f"{header}\r\n" for header in headers) + "\r\n").encode() + body)
        if end:
            connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, content = answer.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        content = b"".join(content.split(b"\r\n")[1::2])
    account = json.loads(content) if b"json" in head else {}
    check_account(account, account.get("inserted", 0))
    return int(head.split()[1]), account


def chunked(body: bytes, size: int = 7) -> bytes:
    chunks = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("body", "kind"), [(FORM, FORM_TYPE), (b"1,Clerk\r\n2,Agent\r\n", "text/csv")], ids=["form", "bare"]
)
def test_chunked_body_is_loaded_like_one_with_a_length(serve: Callable[..., Served], body: bytes, kind: str) -> None:
    served = serve().wait()

    status, answer = send(served, chunked(body), f"Content-Type: {kind}", "Transfer-Encoding: chunked")
    again, skipped = send(served, body, f"Content-Type: {kind}", f"Content-Length: {len(body)}")

    assert (status, answer["inserted"]) == (200, 2)
    assert (again, skipped["skipped_duplicates"]) == (200, [1, 2])


def test_file_that_curl_sends_as_it_is_is_loaded(serve: Callable[..., Served], tmp_path: Path) -> None:
    served = serve().wait()
    (tmp_path / "jobs.csv").write_bytes(b"1,Clerk\n2,Agent\n" + b"3,Cook\n" * 200_000)

    ran = subprocess.run(
        ["curl", "-sS", "-T", tmp_path / "jobs.csv", f"{served.url}/upload/jobs"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    answer = json.loads(ran.stdout)
    assert (answer["read"], answer["inserted"], answer["hints"]) == (200_002, 3, [])
    assert served.read("/tables/jobs.csv") == b"id,job\r\n1,Clerk\r\n2,Agent\r\n3,Cook\r\n"


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # no database is asked
@pytest.mark.proves(
    "400, 411 or 415 with a sentence, nothing stored",
    "a transfer that breaks off, a truncated form, a body shorter or longer than its Content-Length",
    "the count of the bytes received",
)
@pytest.mark.parametrize(
    ("body", "headers", "status", "detail"),
    [
        pytest.param(b"1,a\n2,b", ["Content-Length: 8", "Content-Type: text/csv"], 400, "the body broke off after 7 of 8 bytes; nothing is stored", id="bare"),
        pytest.param(FORM, [f"Content-Length: {len(FORM) + 5}", f"Content-Type: {FORM_TYPE}"], 400, f"the body broke off after {len(FORM)} of {len(FORM) + 5} bytes; nothing is stored", id="form that looks complete"),
        pytest.param(FORM + b"x" * 100_000, [f"Content-Length: {len(FORM) + 200_000}", f"Content-Type: {FORM_TYPE}"], 400, f"the body broke off after {len(FORM) + 100_000} of {len(FORM) + 200_000} bytes; nothing is stored", id="long after a form that is complete"),
        pytest.param(FORM[:-20], [f"Content-Length: {len(FORM)}", f"Content-Type: {FORM_TYPE}"], 400, f"the body broke off after {len(FORM) - 20} of {len(FORM)} bytes; nothing is stored", id="form"),
        pytest.param(chunked(b"1,a\n2,b\n")[:-5], ["Transfer-Encoding: chunked", "Content-Type: text/csv"], 400, "the body broke off, or its chunks are malformed", id="chunks without an end"),
        pytest.param(chunked(FORM)[:-5], ["Transfer-Encoding: chunked", f"Content-Type: {FORM_TYPE}"], 400, "the body broke off, or its chunks are malformed", id="form in chunks without an end"),
        pytest.param(b"zz\r\n1,a\n", ["Transfer-Encoding: chunked", "Content-Type: text/csv"], 400, "the body broke off, or its chunks are malformed", id="no chunk size"),
        pytest.param(b"", ["Content-Type: text/csv"], 411, "the body has neither a Content-Length nor chunks", id="no length"),
        pytest.param(b"", [f"Content-Type: {FORM_TYPE}"], 411, "the body has neither a Content-Length nor chunks", id="form without a length"),
        pytest.param(b"1,a\n2,b\n", ["Content-Length: 6", "Content-Type: text/csv"], 400, "the body is longer than its Content-Length of 6 bytes; nothing is stored", id="bare and longer"),
        pytest.param(b"1,a\n" * 50_000 + b"2,b\n", ["Content-Length: 200000", "Content-Type: text/csv"], 400, "the body is longer than its Content-Length of 200000 bytes; nothing is stored", id="bare and longer by a record"),
        pytest.param(FORM + b"x" * 100_000, [f"Content-Length: {len(FORM)}", f"Content-Type: {FORM_TYPE}"], 400, f"the body is longer than its Content-Length of {len(FORM)} bytes; nothing is stored", id="form and longer"),
        pytest.param(b"", [], 415, None, id="nothing at all"),
    ],
)  # fmt: skip
def test_broken_transfer_stores_nothing(
    serve: Callable[..., Served], body: bytes, headers: list[str], status: int, detail: str | None
) -> None:
    served = serve().wait()

    answered, answer = send(served, body, *headers)

    assert answered == status
    assert detail in (None, answer["detail"])
    assert served.get("/uploads") == []


@pytest.mark.proves(
    "nothing stored, its place is free",
    "the client gone in mid-upload, without a word",
    "the look at how the body ended",
)
def test_client_that_goes_in_mid_upload_stores_nothing(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1", UPLOADS_MAX="1").wait()
    with begin(served) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not an end

    status, account = until(lambda: answer if (answer := served.upload("jobs", b"2,b\n"))[0] != 503 else None)

    assert (status, account["inserted"]) == (200, 1)
    assert [upload["read"] for upload in served.get("/uploads")] == [1]


def begin(served: Served) -> socket.socket:
    """Return a connection on which an upload lacks some bytes, and has its place in the service."""
    head = f"POST /upload/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: {len(RECEIVED) + 100}\r\n\r\n"
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE)
    connection.sendall(head.encode() + RECEIVED)
    return connection


@pytest.mark.parametrize("size", [1, 8191, 64 * 1024, 64 * 1024 + 1, 1024 * 1024, 3 * 1024 * 1024 + 7])
def test_body_is_the_same_file_in_whatever_pieces_it_comes(serve: Callable[..., Served], size: int) -> None:
    served, chance = serve().wait(), random.Random(size)
    body = (b"1," + b"x" * 96 + b"\r\n") * (size // 100 + 1)
    digests = []
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)) as connection:
        for _ in range(3):  # the second begins where the first has ended
            connection.putrequest("POST", "/upload/jobs")
            connection.putheader("Content-Type", "text/csv")
            connection.putheader("Content-Length", str(size))
            connection.endheaders()
            cuts = [0, *sorted(chance.choices(range(size), k=20)), size]
            for start, end in pairwise(cuts):
                connection.send(body[start:end])
            answer = json.load(connection.getresponse())
            digests.append(served.get(f"/uploads/{answer['upload_id']}")["sha256"])

    assert digests == [hashlib.sha256(body[:size]).hexdigest()] * 3


def test_empty_line_behind_a_body_means_nothing(serve: Callable[..., Served]) -> None:
    served = serve().wait()

    assert send(served, b"1,a\n\r\n", "Content-Type: text/csv", "Content-Length: 4")[0] == 200


def test_others_are_answered_while_a_body_is_slow(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1", THREADS="5").wait()
    with begin(served):
        refused = served.upload("jobs", b"2,b\n")
        health = served.get("/health")

    assert (refused[0], refused[1]["detail"]) == (
        503,
        "all places for uploads are taken (UPLOADS_MAX): try again later",
    )
    assert health == HEALTHY


def test_slow_body_is_ended_and_its_place_is_free(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1", THREADS="5", BODY_TIMEOUT="1").wait()

    slow = send(served, b"1,a\n", "Content-Type: text/csv", "Content-Length: 100", end=False)

    assert (slow[0], slow[1]["detail"]) == (408, "the body took longer than 1 seconds (BODY_TIMEOUT)")
    assert send(served, b"2,b\n", "Content-Type: text/csv", "Content-Length: 4")[0] == 200


def test_overlapping_files_of_several_at_once_are_stored_once_with_true_counts(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="2", BUSY_TIMEOUT=str(PATIENCE)).wait()
    starts = [0, 0, 1500, 3000, 4500, 0, 2500, 500]

    def upload(start: int) -> tuple[int, dict]:
        ids = range(start, start + 5000) if start % 1000 else range(start + 4999, start - 1, -1)
        body = "".join(f"{i},Job {i}\n" for i in ids).encode()
        return send(served, body, "Content-Type: text/csv", f"Content-Length: {len(body)}")

    with ThreadPoolExecutor(len(starts)) as pool:
        answers = list(pool.map(upload, starts))

    assert {status for status, _ in answers} == {200}
    assert sum(answer["inserted"] for _, answer in answers) == 9500
    assert [listed["rows"] for listed in served.get("/tables") if listed["name"] == "jobs"] == [9500]
    for _, answer in answers:
        assert answer["inserted"] + answer["skipped"] == 5000
        assert len(answer["skipped_duplicates"]) == answer["skipped"]
        assert answer["conflicts"] == []


def test_busy_database_is_a_503_and_the_upload_works_later(
    serve: Callable[..., Served], server: Server, settings: dict[str, str]
) -> None:
    served = serve(BUSY_TIMEOUT="1").wait()
    with server.hold(settings["DATABASE_URL"]):
        status, answer = send(served, b"1,a\n", "Content-Type: text/csv", "Content-Length: 4")
        tables = served.get("/tables")

    assert (status, answer["detail"]) == (503, "the database is busy with another writer")
    assert len(tables) == 3
    assert send(served, b"1,a\n", "Content-Type: text/csv", "Content-Length: 4")[0] == 200


@pytest.mark.proves(
    "all come up",
    "eight starts at one moment on a new database",
    "the new try of what the start does",
)
def test_starts_at_one_moment_on_a_new_database_all_come_up(new_url: Callable[[], str]) -> None:
    processes = get_context("spawn")
    starters = 8
    with processes.Pool(starters, use_barrier, [processes.Barrier(starters)]) as pool:
        for _ in range(15):
            pool.map(start_together, [new_url()] * starters, chunksize=1)


def use_barrier(barrier: Barrier) -> None:
    global together
    together = barrier


def start_together(url: str) -> None:
    together.wait()
    open_database(url, busy_timeout=PATIENCE).check()


def test_four_workers_start_on_a_new_database(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="4").wait()

    assert "rror" not in served.stop()


@pytest.mark.proves(
    "one line a request, with no token, query or field of a row",
    "refused rows, strange paths, a bad X-Request-ID",
    "the cut of the query",
)
def test_log_has_one_line_a_request_with_the_id_of_its_answer(serve: Callable[..., Served]) -> None:
    token = "correct-horse-battery"
    served = serve(API_TOKEN=token).wait()
    body = b"1,Ana Secret,2021-07-27,1,x\n"

    def call(path: str, body: bytes | None = None, **headers: str) -> str:
        headers |= {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with urllib.request.urlopen(urllib.request.Request(served.url + path, body, sent)) as answer:
                return answer.headers["X-Request-ID"]
        except urllib.error.HTTPError as error:
            with error:
                return error.headers["X-Request-ID"]

    given = [
        call("/upload/hired_employees?header=false", body),
        call("/stats/no%0Asuch%22thing?year=Ana", X_Request_ID="from-a-proxy.1"),
        call("/uploads", X_Request_ID="two\twords"),
    ]
    printed = served.stop()

    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    found = {
        line["request_id"]: (line["method"], line["path"], line["status"], line["content_length"])
        for line in lines
        if line.get("path") not in (None, "/health")
    }
    assert found == {
        given[0]: ("POST", "/upload/hired_employees", 422, str(len(body))),
        "from-a-proxy.1": ("GET", "/stats/no%0Asuch%22thing", 404, None),
        given[2]: ("GET", "/uploads", 200, None),
    }
    assert re.fullmatch("[0-9a-f]{32}", given[2])
    assert all(secret not in printed for secret in (token, "Ana", "Secret"))


def peak_kib(served: Served) -> int:
    """Return the most memory that the service's one worker has had."""
    status = Path(f"/proc/{served.workers[0]}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


@pytest.mark.proves(
    "memory grows by less than 8 MB",
    "a million records, all of them duplicates",
    "the file for the ids of an answer",
)
def test_memory_does_not_grow_with_the_file(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1").wait()

    def upload(records: bytes, number: int) -> dict:
        body = records * number
        headers = ["Content-Type: text/csv", f"Content-Length: {len(body)}"]
        return send(served, body, *headers, table="jobs")[1]

    new = b"".join(b"%d,Clerk\n" % i for i in range(50_000))
    upload(new, 1)
    assert upload(b"1,Other\n", 100_000)["conflicts"] == [1] * 10_000
    before = peak_kib(served)

    assert upload(new, 10)["skipped"] == 500_000
    assert upload(b"1,Other\n", 1_000_000)["skipped"] == 1_000_000
    assert peak_kib(served) - before < 8 * 1024


@pytest.mark.proves(
    "413, memory grows by less than 4 MB",
    "half a MB of gzip that unpacks to 512 MB",
    "the limit on each piece that is unpacked",
)
def test_memory_does_not_grow_with_what_a_gzip_bomb_unpacks_to(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1", MAX_UPLOAD_BYTES=str(2 * SPOOL_MEMORY_BYTES)).wait()
    served.upload("jobs", b"1,Clerk\n" * 200_000)
    bomb = gzip.compress(bytes(512 * 2**20))
    before = peak_kib(served)

    status, answer = served.upload("jobs", bomb)

    assert len(bomb) < 2**20
    assert (status, answer["detail"]) == (413, "the file is larger than 2097152 bytes (MAX_UPLOAD_BYTES)")
    assert peak_kib(served) - before < 4 * 1024
