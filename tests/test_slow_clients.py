"""Clients that take their time: they keep no one else waiting, and none of them can hold a place for ever."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from conftest import Served

CLIENTS = 64
BYTES_A_SECOND = 1000
PIECES_A_SECOND = 10
WAIT_SECONDS = 4.0
"""Who has to wait for the slow ones waits for longer; on a machine that has time for the tests it is below one."""

PATHS = ("/health", "/stats/top-departments-hired", "/stats/data-quality", "/tables")
POST = b"POST /upload/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
BODY = b"1,a\n" * 250_000
UPLOAD = POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
EXPORT = b"GET /tables/jobs.csv HTTP/1.1\r\nHost: localhost\r\n\r\n"

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


class SlowClient(threading.Thread):
    """Sends a request and takes its answer with so many bytes a second, until it is cut off.

    The first `at_once` bytes of the request go at once.
    """

    def __init__(self, port: int, request: bytes, at_once: int, takes: int = BYTES_A_SECOND):
        super().__init__(daemon=True)
        self.answer = b""
        self._connection = socket.socket()
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
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
def slow_clients(served: Served, request: bytes, at_once: int, **named: int) -> Iterator[list[SlowClient]]:
    clients = [SlowClient(served.port, request, at_once, **named) for _ in range(CLIENTS)]
    try:
        yield clients
    finally:
        for client in clients:
            client.stopped.set()
        for client in clients:
            client.join()


def slowest_answer(served: Served, seconds: float) -> float:
    """Ask for all sorts of things for some time, and return the seconds that the slowest answer took."""
    slowest = 0.0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for path in PATHS:
            asked = time.monotonic()
            served.get(path)
            slowest = max(slowest, time.monotonic() - asked)
    return slowest


@pytest.mark.proves(
    "reports and /health go on; 503 before the body is read, 408 after BODY_TIMEOUT",
    "64 uploads at 1 kB/s",
    "the places for uploads",
)
def test_slow_uploads_keep_no_report_waiting(serve: Callable[..., Served]) -> None:
    served = serve(BODY_TIMEOUT="5").wait()

    with slow_clients(served, UPLOAD, at_once=500) as clients:
        slowest = slowest_answer(served, 8)

    statuses = Counter(client.status for client in clients)
    assert slowest < WAIT_SECONDS
    assert statuses[503] >= CLIENTS - 2 * 16
    assert statuses[408] == CLIENTS - statuses[503] > 0
    assert served.get("/uploads") == []
    assert served.upload("jobs", b"1,a\n")[0] == 200


@pytest.mark.proves(
    "reports and /health go on; the slow ones are ended",
    "64 requests at 1 kB/s whose head does not end, or whose body nobody reads",
    "the wait for heads in the worker's loop",
)
@pytest.mark.parametrize("at_once", [0, 1, 500], ids=["nothing", "head", "body of no interest"])
def test_slow_request_keeps_no_report_waiting(serve: Callable[..., Served], at_once: int) -> None:
    served = serve(HEAD_TIMEOUT="3").wait()
    request = {0: b"", 1: POST + b"X-Long: " + b"x" * 8000, 500: UPLOAD.replace(b"jobs", b"cats")}[at_once]

    with slow_clients(served, request, at_once) as clients:
        slowest = slowest_answer(served, 6)

        assert slowest < WAIT_SECONDS
        assert [client.is_alive() for client in clients] == [False] * CLIENTS
    assert {client.status for client in clients} == {{0: 0, 1: 408, 500: 404}[at_once]}


@pytest.mark.proves(
    "reports and /health go on; 503 past EXPORTS_MAX",
    "64 exports read at 1 kB/s",
    "the places for exports",
)
def test_slow_exports_keep_no_report_waiting(serve: Callable[..., Served]) -> None:
    served = serve(SEND_TIMEOUT="3").wait()
    assert served.upload("jobs", b"".join(b"%d,%s\n" % (i, b"x" * 900) for i in range(20_000)))[0] == 200

    with slow_clients(served, EXPORT, 500) as clients:
        slowest = slowest_answer(served, 6)

        statuses = Counter(client.status for client in clients)
    assert slowest < WAIT_SECONDS
    assert statuses[503] >= CLIENTS - 2 * 4
    assert statuses[200] == CLIENTS - statuses[503] > 0


@pytest.mark.proves(
    "its place is free again after SEND_TIMEOUT",
    "an export that is not read at all",
    "the limit on sending",
)
def test_export_that_is_not_taken_is_ended(serve: Callable[..., Served]) -> None:
    served = serve(SEND_TIMEOUT="1", WEB_CONCURRENCY="1", EXPORTS_MAX="1").wait()
    assert served.upload("jobs", b"".join(b"%d,%s\n" % (i, b"x" * 900) for i in range(20_000)))[0] == 200
    stalled = SlowClient(served.port, EXPORT, 500, takes=0)
    time.sleep(0.5)

    assert served.status("/tables/jobs.csv") == 503
    time.sleep(3)

    assert served.status("/tables/jobs.csv") == 200
    stalled.stopped.set()
    stalled.join()
    assert "Traceback" not in served.stop()


@pytest.mark.proves(
    "reports and /health go on",
    "64 connections that the client does not close",
    "the wait for the close in the worker's loop",
)
def test_connections_that_a_client_leaves_open_keep_no_report_waiting(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1").wait()
    health = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    with slow_clients(served, health, 500, takes=0):
        slowest = slowest_answer(served, 5)

    assert slowest < WAIT_SECONDS


def test_head_without_an_end_is_refused(serve: Callable[..., Served]) -> None:
    served = serve().wait()
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(POST + b"X-Long: y\r\n" * 10_000)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"the head of the request has over 65536 bytes" in answer


def test_requests_that_come_in_one_piece_are_answered_in_turn(serve: Callable[..., Served]) -> None:
    served = serve().wait()
    requests = [b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", EXPORT, POST + b"Content-Length: 4\r\n\r\n1,a\n"]
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(b"".join(requests))
        connection.shutdown(socket.SHUT_WR)
        answers = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert b'"inserted": 1' in answers.partition(b"id,job")[2]
