"""Clients that take their time: they keep no one else waiting, and none of them can hold a place for ever."""

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from served import Served
from waits import LONG, PATIENCE, until

CLIENTS = 64
BYTES_A_SECOND = 1000
PIECES_A_SECOND = 10
WAIT_SECONDS = 60
"""For who has to wait for threads that are each held for seconds, and so often that it takes longer than this."""

PATHS = ("/health", "/stats/top-departments-hired", "/stats/data-quality", "/tables")
POST = b"POST /upload/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
BODY = b"1,a\n" * 250_000
UPLOAD = POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
HEAD = POST + b"X-Long: " + b"x" * 8000
EXPORT = b"GET /tables/jobs.csv HTTP/1.1\r\nHost: localhost\r\n\r\n"
LARGE = b"".join(b"%d,%s\n" % (i, b"x" * 900) for i in range(20_000))
"""A file whose export has no room in the buffers of a connection."""

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


class SlowClient(threading.Thread):
    """Sends a request and takes its answer with so many bytes a second, until it is cut off.

    The first `at_once` bytes of the request go at once. `buffer` bytes are taken by the system in advance.
    """

    def __init__(self, port: int, request: bytes, at_once: int, takes: int = BYTES_A_SECOND, buffer: int = 4096):
        super().__init__(daemon=True)
        self.answer = b""
        self._connection = socket.socket()
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._connection.connect(("127.0.0.1", port))
        self._rest, self._at_once, self._takes = request, at_once, takes // PIECES_A_SECOND
        self.stopped = threading.Event()
        self.start()

    @property
    def status(self) -> int:
        return int(self.answer.split()[1]) if self.answer else 0

    def run(self) -> None:
        with closing(self._connection), suppress(OSError):
            self._send(self._at_once)
            while not self.stopped.wait(1 / PIECES_A_SECOND) and self._is_open():
                self._send(BYTES_A_SECOND // PIECES_A_SECOND)
            self.answer += self._connection.recv(65536, socket.MSG_DONTWAIT)

    def _send(self, size: int) -> None:
        self._rest = self._rest[self._connection.send(self._rest[:size]) :]

    def _is_open(self) -> bool:
        if not self._takes:
            return True
        with suppress(BlockingIOError):
            piece = self._connection.recv(self._takes, socket.MSG_DONTWAIT)
            self.answer += piece
            return bool(piece)
        return True


@contextmanager
def slow_clients(
    served: Served, request: bytes, at_once: int, number: int = CLIENTS, **named: int
) -> Iterator[list[SlowClient]]:
    clients = [SlowClient(served.port, request, at_once, **named) for _ in range(number)]
    try:
        yield clients
    finally:
        for client in clients:
            client.stopped.set()
        for client in clients:
            client.join()


def ask_for_all(served: Served) -> None:
    """Ask for all sorts of things."""
    for path in PATHS:
        served.get(path, timeout=WAIT_SECONDS)


@pytest.mark.proves(
    "reports and /health go on; 503 before the body is read, 408 after BODY_TIMEOUT",
    "64 uploads at 1 kB/s",
    "the places for uploads",
)
def test_slow_uploads_keep_no_report_waiting(serve: Callable[..., Served]) -> None:
    served = serve(BODY_TIMEOUT=LONG).wait()

    with slow_clients(served, UPLOAD, at_once=500) as clients:
        until(lambda: count(clients, 503) >= CLIENTS - 2 * 16)
        ask_for_all(served)

        statuses = Counter(client.status for client in clients)
        assert statuses.keys() == {503, 0}
    assert served.get("/uploads") == []


@pytest.mark.proves(
    "reports and /health go on; 503 before the body is read, 408 after BODY_TIMEOUT",
    "64 uploads at 1 kB/s",
    "the places for uploads",
)
def test_slow_uploads_are_ended(serve: Callable[..., Served]) -> None:
    served = serve(BODY_TIMEOUT="2").wait()

    with slow_clients(served, UPLOAD, at_once=500) as clients:
        until(lambda: not any(client.is_alive() for client in clients))

    assert count(clients, 408) + count(clients, 503) == CLIENTS
    assert count(clients, 408) > 0
    assert served.get("/uploads") == []
    assert served.upload("jobs", b"1,a\n")[0] == 200


def count(clients: list[SlowClient], status: int) -> int:
    """Return how many have got this answer so far, with 0 how many have got none."""
    return Counter(client.status for client in clients)[status]


@pytest.mark.proves(
    "reports and /health go on; the slow ones are ended",
    "64 requests at 1 kB/s whose head does not end, or whose body nobody reads",
    "the wait for heads in the worker's loop",
)
@pytest.mark.parametrize("request_begun", [b"", HEAD[:150]], ids=["nothing", "head"])
def test_slow_head_keeps_no_report_waiting(serve: Callable[..., Served], request_begun: bytes) -> None:
    served = serve(HEAD_TIMEOUT=LONG).wait()
    request = HEAD if request_begun else b""

    with slow_clients(served, request, len(request_begun)) as clients:
        ask_for_all(served)

        assert count(clients, 0) == CLIENTS
        assert all(client.is_alive() for client in clients)


@pytest.mark.proves(
    "reports and /health go on; the slow ones are ended",
    "64 requests at 1 kB/s whose head does not end, or whose body nobody reads",
    "the wait for heads in the worker's loop",
)
@pytest.mark.parametrize(("at_once", "status"), [(0, 0), (1, 408)], ids=["nothing", "head"])
def test_slow_head_is_ended(serve: Callable[..., Served], at_once: int, status: int) -> None:
    served = serve(HEAD_TIMEOUT="5").wait()

    with slow_clients(served, HEAD if at_once else b"", at_once) as clients:
        until(lambda: not any(client.is_alive() for client in clients))

    assert count(clients, status) == CLIENTS


@pytest.mark.proves(
    "reports and /health go on; the slow ones are ended",
    "64 requests at 1 kB/s whose head does not end, or whose body nobody reads",
    "the wait for heads in the worker's loop",
)
def test_slow_body_that_nobody_reads_keeps_no_report_waiting(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1", THREADS="5").wait()

    with slow_clients(served, UPLOAD.replace(b"jobs", b"cats"), 500) as clients:
        ask_for_all(served)
        until(lambda: not any(client.is_alive() for client in clients))

    assert count(clients, 404) == CLIENTS


@pytest.mark.proves(
    "reports and /health go on; 503 past EXPORTS_MAX",
    "64 exports read at 1 kB/s",
    "the places for exports",
)
def test_slow_exports_keep_no_report_waiting(serve: Callable[..., Served]) -> None:
    served = serve(SEND_TIMEOUT=LONG).wait()
    assert served.upload("jobs", LARGE)[0] == 200

    with slow_clients(served, EXPORT, 500) as clients:
        until(lambda: count(clients, 0) == 0)
        ask_for_all(served)

        assert sum(client.is_alive() for client in clients) >= count(clients, 200) > 0
    assert count(clients, 503) >= CLIENTS - 2 * 4
    assert count(clients, 200) + count(clients, 503) == CLIENTS


@pytest.mark.proves(
    "its place is free again after SEND_TIMEOUT",
    "an export that is not read at all",
    "the limit on sending",
)
def test_export_that_is_not_taken_is_ended(serve: Callable[..., Served]) -> None:
    served = serve(SEND_TIMEOUT="1", WEB_CONCURRENCY="1", EXPORTS_MAX="1").wait()
    assert served.upload("jobs", LARGE)[0] == 200

    with stalled_export(served):
        until(lambda: served.status("/tables/jobs.csv") == 200)

    assert "Traceback" not in served.stop()


def test_export_that_is_not_taken_holds_its_place(serve: Callable[..., Served]) -> None:
    served = serve(SEND_TIMEOUT=LONG, WEB_CONCURRENCY="1", EXPORTS_MAX="1").wait()
    assert served.upload("jobs", LARGE)[0] == 200

    with stalled_export(served):
        assert served.status("/tables/jobs.csv") == 503


REPORT = b"GET /stats/hires-per-quarter-2021 HTTP/1.1\r\nHost: localhost\r\n\r\n"
NAMES = 60
"""So many departments and jobs, each of which has hired: a report of some megabytes."""

DUPLICATES = 25_000
"""So many skipped ids of 18 digits make an answer that has no room in the buffers of a connection."""


@pytest.mark.proves(
    "reports, /health and uploads go on; 503 past SENDS_MAX, or the connection ends",
    "64 reports of some megabytes read at 1 kB/s",
    "the places in which an answer waits for its client",
)
def test_slowly_read_reports_keep_no_one_waiting(serve: Callable[..., Served]) -> None:
    served = serve(SEND_TIMEOUT=LONG, WEB_CONCURRENCY="1").wait()
    store_large_report(served)

    with slow_clients(served, REPORT, 500) as clients:
        until(lambda: count(clients, 0) == 0)
        ask_for_all(served)

        assert 0 < count(clients, 200) <= 8
        assert served.upload("jobs", b"1001,a\n")[0] == 200
    assert count(clients, 200) + count(clients, 503) == CLIENTS


@pytest.mark.proves(
    "reports, /health and uploads go on; the connection ends past SENDS_MAX",
    "128 uploads whose long answers are read at 1 kB/s",
    "the places in which an answer waits for its client",
)
def test_slowly_read_answers_of_uploads_keep_no_one_waiting(serve: Callable[..., Served]) -> None:
    served = serve(SEND_TIMEOUT=LONG, WEB_CONCURRENCY="1", UPLOADS_MAX="36", THREADS="40").wait()
    body = b"".join(b"%d,a\n" % (10**17 + i) for i in range(DUPLICATES))
    assert served.upload("jobs", body)[0] == 200
    request = POST + b"Content-Length: %d\r\n\r\n" % len(body) + body

    with slow_clients(served, request, len(request)) as clients:
        until(lambda: count(clients, 0) == 0)
        with slow_clients(served, request, len(request)) as more:
            until(lambda: count(more, 0) == 0)
            ask_for_all(served)

            assert served.upload("jobs", b"1001,a\n")[0] == 200
            assert count(clients + more, 200) > 40
    assert count(clients + more, 200) + count(clients + more, 503) == 2 * CLIENTS
    assert served.get("/tables")[2]["rows"] == DUPLICATES + 1


@pytest.mark.proves(
    "the connection ends once the waits for it are longer than SEND_TIMEOUT and SEND_RATE_MIN allow",
    "a report read slowly, but never for SEND_TIMEOUT not at all",
    "the deadline of the whole answer",
)
def test_answer_that_is_taken_too_slowly_is_ended(serve: Callable[..., Served]) -> None:
    served = serve(SEND_TIMEOUT="4", SEND_RATE_MIN=str(2**30)).wait()
    store_large_report(served)
    whole = len(served.read("/stats/hires-per-quarter-2021"))

    client = SlowClient(served.port, REPORT, 500, takes=500_000, buffer=65536)
    client.join()

    assert client.status == 200
    assert len(client.answer) < whole
    assert "Traceback" not in served.stop()


def test_answer_that_is_taken_slowly_enough_is_whole(serve: Callable[..., Served]) -> None:
    served = serve(SEND_TIMEOUT="5", SEND_RATE_MIN="1").wait()
    store_large_report(served)
    whole = len(served.read("/stats/hires-per-quarter-2021"))

    client = SlowClient(served.port, REPORT, 500, takes=1_000_000, buffer=65536)
    until(lambda: len(client.answer) > whole)

    client.stopped.set()
    client.join()
    assert client.answer.endswith(b"]\n")


def test_place_of_a_slow_client_is_free_after_it(serve: Callable[..., Served]) -> None:
    served = serve(SEND_TIMEOUT="1", WEB_CONCURRENCY="1", SENDS_MAX="1").wait()
    store_large_report(served)

    with slow_clients(served, REPORT, 500) as clients:
        until(lambda: count(clients, 503) > 0)

        until(lambda: served.status("/stats/hires-per-quarter-2021") == 200)


def store_large_report(served: Served) -> None:
    """Store hires, of which a report has some megabytes."""
    for table in ("departments", "jobs"):
        assert served.upload(table, b"".join(b"%d,%s\n" % (i, b"%03d" % i * 300) for i in range(NAMES)))[0] == 200
    pairs = ((i, j) for i in range(NAMES) for j in range(NAMES))
    hires = b"".join(b"%d,a,2021-01-01,%d,%d\n" % (i, *pair) for i, pair in enumerate(pairs))
    assert served.upload("hired_employees", hires)[0] == 200


def stalled_export(served: Served) -> socket.socket:
    """Return a connection on which an export has begun, and nothing more of it is taken."""
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE)
    connection.sendall(EXPORT)
    assert connection.recv(20).startswith(b"HTTP/1.1 200")
    return connection


@pytest.mark.proves(
    "reports and /health go on",
    "64 connections that the client does not close",
    "the wait for the close in the worker's loop",
)
def test_connections_that_a_client_leaves_open_keep_no_report_waiting(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1").wait()
    health = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    with slow_clients(served, health, 500, takes=0):
        ask_for_all(served)


def test_head_without_an_end_is_refused(serve: Callable[..., Served]) -> None:
    served = serve().wait()
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        connection.sendall(POST + b"X-Long: y\r\n" * 10_000)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"the head of the request has over 65536 bytes" in answer


def test_requests_that_come_in_one_piece_are_answered_in_turn(serve: Callable[..., Served]) -> None:
    served = serve().wait()
    requests = [b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", EXPORT, POST + b"Content-Length: 4\r\n\r\n1,a\n"]
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        connection.sendall(b"".join(requests))
        connection.shutdown(socket.SHUT_WR)
        answers = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert b'"inserted": 1' in answers.partition(b"id,job")[2]
