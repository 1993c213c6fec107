"""Restarts under load, behind nginx and a socket that stays open as systemd's does: no request is lost."""

import itertools
import json
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path

import pytest
from nginx import Nginx
from served import Served
from test_listening import configure, serve_as_systemd
from waits import LONG, PATIENCE, until

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

Serve = Callable[..., Served]
Rounds = Callable[[int, int], range]

UPLOADERS = {"small": 6, "slow": 4, "large": 2}
READERS = 6
PATHS = ("/health", "/tables", "/stats/top-departments-hired", "/stats/data-quality", "/uploads?limit=5")
PIECES = 8
MEANWHILE_SECONDS = 0.3
"""So late comes what a client sends after the stop."""

WAITING = f"import gunicorn.workers.gthread\ngunicorn.workers.gthread.STOP_KEEPALIVE_LINGER = {LONG}\n..."
"""Lets a stop wait longer for who is silent than the two seconds of gunicorn, in which a slow machine asks nothing."""

ONE_ADDRESS = {
    "rate=20r/s": "rate=10000r/s",
    "burst=200": "burst=10000",
    "loadbay_connections 32": "loadbay_connections 1000",
}
"""All clients here are one to nginx, and ask more than one may."""


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket as loadbay.socket describes it, which is open as long as the test goes on."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen(4096)
        yield listener


class Load:
    """Clients that upload and read until they are told to end; it keeps what they sent and were answered."""

    def __init__(self, nginx: Nginx):
        self._nginx = nginx
        self._trusted = ssl.create_default_context(cafile=nginx.certificate)
        self._first_ids = itertools.count(1, 100_000)
        self._ended = threading.Event()
        self.failures: list[object] = []
        self.reads: list[int] = []
        self.uploads: list[dict] = []
        self.sent: list[int] = []

    def __enter__(self) -> "Load":
        self._threads = ThreadPoolExecutor(READERS + sum(UPLOADERS.values()))
        for kind, number in UPLOADERS.items():
            for _ in range(number):
                self._threads.submit(self._repeat, getattr(self, f"_send_{kind}"))
        for kept in [True, False] * (READERS // 2):
            self._threads.submit(self._read, kept)
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._threads.shutdown()

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self._ended.is_set():
            try:
                work()
            except Exception as error:
                self.failures.append(error)

    def _connect(self) -> HTTPSConnection:
        return HTTPSConnection("127.0.0.1", self._nginx.port, timeout=PATIENCE, context=self._trusted)

    def _read(self, kept: bool) -> None:
        """Ask for one thing after another, on one connection to nginx or on a new one each."""
        connection = self._connect()

        def ask() -> None:
            connection.request("GET", random.choice(PATHS), headers={} if kept else {"Connection": "close"})
            answer = connection.getresponse()
            content = answer.read()
            self.reads.append(answer.status)
            if answer.status != 200:
                self.failures.append((answer.status, content))

        self._repeat(ask)
        connection.close()

    def _send_small(self) -> None:
        self._send("POST", 20, 1, 0)

    def _send_slow(self) -> None:
        self._send("PUT", 400, PIECES, random.uniform(0, 0.2))

    def _send_large(self) -> None:
        self._send("POST", 30_000, PIECES, 0)

    def _send(self, method: str, rows: int, pieces: int, pause: float) -> None:
        """Send a file of new rows in pieces, with pauses between them."""
        first = next(self._first_ids)
        body = b"".join(b"%d,Job %d\n" % (i, i) for i in range(first, first + rows))
        size = -(-len(body) // pieces)
        with closing(self._connect()) as connection:
            connection.putrequest(method, "/upload/jobs")
            connection.putheader("Content-Type", "text/csv")
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders()
            for begin in range(0, len(body), size):
                connection.send(body[begin : begin + size])
                time.sleep(pause)
            answer = connection.getresponse()
            content = answer.read()
        self.sent.append(rows)
        if answer.status == 200:
            self.uploads.append(json.loads(content))
        else:
            self.failures.append((answer.status, content))


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    started = Nginx(tmp_path, f"unix:{tmp_path}/socket", ONE_ADDRESS)
    yield started
    started.stop()


@pytest.fixture
def start(serve: Serve, listener: socket.socket) -> Callable[[], Served]:
    """What starts a service on the socket, and returns at once."""
    return partial(
        serve_as_systemd, serve, listener, BUSY_TIMEOUT=str(PATIENCE), GRACEFUL_TIMEOUT=LONG, HEAD_TIMEOUT=LONG
    )


@pytest.mark.proves(
    "each request is answered as ever, each upload is in the ledger once and finished, and its rows are stored",
    "restarts of the service behind nginx and a socket of systemd's, under 18 clients with small, large and slow uploads and reports",
    "the socket that stays open, and the time that GRACEFUL_TIMEOUT gives",
)  # fmt: skip
def test_restarts_under_load_lose_no_request(
    start: Callable[[], Served], nginx: Nginx, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(nginx.certificate))
    served = start()
    until(served.has_all_workers)

    with Load(nginx) as load:
        for _ in rounds(3, 60):
            time.sleep(random.uniform(0.3, 1.0))
            served.process.terminate()
            assert served.process.wait(PATIENCE) == 0
            served = start()
            until(served.has_all_workers)

    assert load.failures == []
    assert len(load.reads) > 0
    served.url = f"https://127.0.0.1:{nginx.port}"
    ledger = list(all_uploads(served))
    assert {(upload["status"], upload["rejected"], upload["skipped"]) for upload in ledger} == {("finished", 0, 0)}
    assert counts(ledger) == counts(load.uploads)
    assert sum(upload["inserted"] for upload in ledger) == sum(load.sent)
    assert [listed["rows"] for listed in served.get("/tables") if listed["name"] == "jobs"] == [sum(load.sent)]


def all_uploads(served: Served) -> Iterator[dict]:
    """Yield what the ledger has, page by page."""
    before = ""
    while page := served.get(f"/uploads?limit=100{before}"):
        yield from page
        before = f"&before={page[-1]['upload_id']}"


def counts(uploads: list[dict]) -> list[tuple[int, int]]:
    """Return the number of each upload, and how many rows it stored."""
    return sorted((upload["upload_id"], upload["inserted"]) for upload in uploads)


@pytest.mark.proves(
    "its request is answered, though a proxy may not send it again",
    "SIGTERM between the connection and the request that it is for",
    "the wait at a stop for the heads of new connections",
)
def test_request_on_a_connection_from_before_the_stop_is_answered(
    start: Callable[..., Served], listener: socket.socket, rounds: Rounds, tmp_path: Path
) -> None:
    for _ in rounds(1, 20):
        served = start(arguments=configure(tmp_path, WAITING), WEB_CONCURRENCY="1")
        with connect(listener) as kept, connect(listener) as new:
            tell_to_stop(served, kept)

            answers = [ask(connection, "/tables", MEANWHILE_SECONDS) for connection in (kept, new)]
            assert served.process.wait(PATIENCE) == 0

        assert [(answer.status, answer.getheader("Connection")) for answer in answers] == [(200, "close")] * 2


@pytest.mark.proves(
    "the connection is closed, and the service ends",
    "SIGTERM while a connection is open on which nothing comes",
    "the end of that wait",
)
def test_connection_from_before_the_stop_on_which_nothing_comes_is_closed(
    start: Callable[..., Served], listener: socket.socket, rounds: Rounds
) -> None:
    for _ in rounds(1, 20):
        served = start(WEB_CONCURRENCY="1")
        with connect(listener) as kept, connect(listener) as silent:
            tell_to_stop(served, kept)

            assert served.process.wait(PATIENCE) == 0
            assert silent.recv(1) == b""


def tell_to_stop(served: Served, connection: socket.socket) -> None:
    """Tell a service to stop that knows of this connection, and of those that were opened since."""
    assert ask(connection, "/health").status == 200
    assert ask(connection, "/health").status == 200  # the loop has taken the others by now
    served.process.terminate()
    until(lambda: "Handling signal: term" in served.read_log())


def connect(listener: socket.socket) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE)
    connection.connect(listener.getsockname())
    return connection


def ask(connection: socket.socket, path: str, after: float = 0) -> HTTPResponse:
    """Return the answer to a request that is sent after so many seconds, read to its end."""
    time.sleep(after)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    answer = HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer


@pytest.mark.proves(
    "it ends at once",
    "SIGTERM while the workers are about to start",
    "the signal of a new worker",
)
def test_service_that_is_told_to_stop_while_it_starts_does(start: Callable[..., Served], tmp_path: Path) -> None:
    slow = "...\ndef post_fork(server, worker):\n    import time\n    time.sleep(1)\n"
    served = start(arguments=configure(tmp_path, slow), WEB_CONCURRENCY="1")
    until(lambda: "Booting worker" in served.read_log())

    served.process.terminate()

    assert served.process.wait(PATIENCE) == 0
