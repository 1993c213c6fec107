"""What a worker may hold for its uploads, in memory and on disk, whatever they send."""

import gzip
import io
import json
import socket
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import faults_table
import pytest
from conftest import start_client
from served import Served
from waits import PATIENCE, until
from web_client import check_account

from rows.bytes.turn import LARGE_CHARS, Turn

MIB = 2**20
UNREAD_BYTES = MIB
"""So much of what was sent may still wait for the rest of a piece of the body."""

ROWS = b"".join(b"%d,Job %d\n" % (i, i * i % 1000003) for i in range(400_000))

WHOLE = b"x,%s\n" % (b"x" * 1000)
"""A record that is refused."""

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


def post(served: Served, target: str, body: bytes) -> tuple[int, str | None, dict[str, Any]]:
    """Send a file, and return the status, Retry-After and the answer."""
    request = urllib.request.Request(f"{served.url}/upload/{target}", body, {"Content-Type": "text/csv"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, None, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Retry-After"], json.load(error)


def spooled_bytes(served: Served) -> int:
    """Return how much the worker's temporary files have on disk, without what it prints."""
    folder = Path(f"/proc/{served.workers[0]}/fd")
    printed = (folder / "1").stat().st_ino
    total = 0
    for opened in folder.iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            target, found = str(opened.readlink()), opened.stat()
            total += found.st_size if target.endswith("(deleted)") and found.st_ino != printed else 0
    return total


@contextmanager
def unfinished_gzip(served: Served, size: int) -> Iterator[socket.socket]:
    """Send a gzip that unpacks to so many bytes, without its end, and keep the connection open."""
    packer = zlib.compressobj(wbits=31)
    body = packer.compress(ROWS[:size]) + packer.flush(zlib.Z_SYNC_FLUSH)
    head = f"POST /upload/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: {len(body) + 1}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode() + body)
        yield connection


@pytest.mark.proves(
    "503 with Retry-After for those that want more, small uploads and /health go on, and the bytes are free again",
    "gzips that do not end, and unpack to all that SPOOL_BYTES_MAX lets a worker hold",
    "the count of the bytes in spools",
)
def test_uploads_beyond_the_bytes_of_the_spools_are_a_503(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1", MAX_UPLOAD_BYTES=str(8 * MIB), SPOOL_BYTES_MAX=str(16 * MIB)).wait()
    large = b"1,%s\n" % (b"x" * 996) * (6 * 1024)

    with ExitStack() as unfinished:
        for _ in range(2):
            unfinished.enter_context(unfinished_gzip(served, 6 * MIB))
        until(lambda: spooled_bytes(served) > 12 * MIB - UNREAD_BYTES)
        third = unfinished.enter_context(unfinished_gzip(served, 6 * MIB))
        refused = third.recv(65536)
        health = served.status("/health")
        small = served.upload("jobs", b"1,a\n")
        status, retry, problem = post(served, "jobs", large)
    until(lambda: spooled_bytes(served) == 0)
    whole = [served.upload("jobs", large)[0] for _ in range(5)]

    assert refused.startswith(b"HTTP/1.1 503")
    assert health == 200
    assert (small[0], small[1]["inserted"]) == (200, 1)
    assert (status, retry, problem["code"]) == (503, "5", "spool_full")
    assert problem["detail"].endswith(f" of {16 * MIB} bytes together (SPOOL_BYTES_MAX): try again later")
    assert len(served.get("/uploads")) == 6
    assert whole == [200] * 5


def zipped(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("jobs.csv", content)
    return archive.getvalue()


@pytest.mark.parametrize(
    ("target", "body"),
    [
        pytest.param("jobs", zipped(b"1,a\n" * MIB), id="zip"),
        pytest.param("jobs?atomic=true&max_rejects=100000", b"1,a\n" + WHOLE * 4000, id="rejects"),
        pytest.param("jobs?atomic=true", b"1,a\n1,b\n" * (MIB // 2), id="ids"),
    ],
)
@pytest.mark.proves(
    "503 with Retry-After, the account where there is one, and the bytes are free again",
    "zips beside what they unpack to, refused rows and ids that wait, past SPOOL_BYTES_MAX",
    "the count of the bytes in spools",
)
def test_all_that_waits_in_spools_is_counted(serve: Callable[..., Served], target: str, body: bytes) -> None:
    limits = {"MAX_UPLOAD_BYTES": str(5 * MIB), "SPOOL_BYTES_MAX": str(10 * MIB), "MAX_REJECTS": "100000"}
    served = serve(WEB_CONCURRENCY="1", **limits).wait()

    with unfinished_gzip(served, 4 * MIB):
        until(lambda: spooled_bytes(served) > 4 * MIB - UNREAD_BYTES)
        status, retry, problem = post(served, target, body)
    until(lambda: spooled_bytes(served) == 0)
    again = post(served, target.partition("?")[0], gzip.compress(b"2,b\n" * 1000))

    assert (status, retry, problem["code"]) == (503, "5", "spool_full")
    check_account(problem, problem.get("inserted", 0))
    assert (again[0], again[2]["read"]) == (200, 1000)


def test_spools_of_an_answered_upload_are_free(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1").wait()

    account = served.upload("jobs", b"1,a\n" * MIB)[1]

    assert account["skipped"] == MIB - 1
    until(lambda: spooled_bytes(served) == 0)


UPLOADS = 16
"""As many as UPLOADS_MAX lets a worker have at a time, where nothing is set."""

MEMORY_KIB_MAX = 300 * 1024
RECORDS = 4 if faults_table.LONG else 1
SOUND = b"".join(b"%d,a\n" % i for i in range(10))

CHARS = MIB - 20
"""About what a record may have."""

FACE = "\U0001f600"
"""A character for which Python takes four bytes, and for all that stand beside it."""


AT_LENGTH = pytest.mark.skipif(not faults_table.LONG, reason="takes a quarter of a minute or more: make faults")


def memory_kib(served: Served) -> int:
    """Return the most memory that the service's one worker has had."""
    status = Path(f"/proc/{served.workers[0]}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(f"x,{FACE * CHARS}\n", id="one field of faces"),
        pytest.param(
            f'x,"{FACE}",' + "ф," * (CHARS // 2) + "\n", id="half a million fields beside a quote", marks=AT_LENGTH
        ),
        pytest.param(
            f'x,"{FACE}' + "a\n" * (CHARS // 2) + '"\n',
            id="half a million lines between quotes",
            marks=AT_LENGTH,
        ),
    ],
)
@pytest.mark.proves(
    "memory stays below 300 MB, and each record is accounted for",
    f"{UPLOADS} uploads to a worker at a time, of records as large as they may be: in bytes, in fields, in lines",
    "all that reads large records in turn",
)
def test_worker_stays_small_whatever_its_uploads_hold(serve: Callable[..., Served], record: str) -> None:
    served = serve(WEB_CONCURRENCY="1", BUSY_TIMEOUT=str(PATIENCE)).wait()
    body = gzip.compress(SOUND + record.encode() * RECORDS, 1)

    with ThreadPoolExecutor(UPLOADS) as pool:
        answers = [*pool.map(lambda _: served.upload("jobs", body), range(UPLOADS))]

    counts = {(status, account["read"], account["rejected"]) for status, account in answers}
    assert counts == {(200, 10 + RECORDS, RECORDS)}
    assert sum(account["inserted"] for _, account in answers) == 10
    for _, account in answers:
        check_account(account, account["inserted"])
    assert memory_kib(served) < MEMORY_KIB_MAX


@contextmanager
def held_by_another(turn: Turn) -> Iterator[None]:
    """The turn is another thread's for as long as the block lasts."""
    done, taken = Event(), Event()

    def hold() -> None:
        with turn.given_back():
            turn.need(LARGE_CHARS + 1)
            taken.set()
            done.wait(PATIENCE)

    holder = Thread(target=hold)
    holder.start()
    taken.wait(PATIENCE)
    yield
    done.set()
    holder.join()


@pytest.mark.parametrize("rows", [1, 20_000])
@pytest.mark.proves(
    "503 with Retry-After and the account so far; sent again once the others are done, it goes on",
    "large records of others that are read for longer than an upload may wait",
    "the end of the wait for the turn",
)
def test_upload_that_waits_too_long_for_its_turn_is_a_503(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    turn = Turn(seconds=0.2)
    monkeypatch.setattr("rows.bytes.spool.Turn", lambda: turn)
    client = start_client(settings)
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "one"}
    body = b"".join(b"%d,a\n" % i for i in range(1, rows + 1)) + b"x,%s\n" % (b"x" * (LARGE_CHARS + 1))

    with held_by_another(turn):
        small = client.upload("departments", "1,a\n")
        answer = client.app.post("/upload/jobs", body, headers, status=503)
    again = client.app.post("/upload/jobs", body, headers).json

    has_begun = rows > 1  # the first large record behind the beginning, by which the form is found
    assert small["inserted"] == 1
    assert (answer.json["code"], answer.headers["Retry-After"]) == ("turn_late", "5")
    assert answer.json["detail"] == "others have read long records for 0.2 seconds: try again later"
    assert answer.json.get("inserted") == (rows if has_begun else None)
    assert [again[name] for name in ("upload_id", "inserted", "rejected")] == [2, rows, 1]
