"""Where the service listens without a token: on this machine alone, whoever opened its sockets."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from ports import free_port
from project import PROJECT
from served import Served
from waits import PATIENCE, until
from web_client import HEALTHY

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

FOREIGN = "needs an API_TOKEN: without one only 127.0.0.1, ::1 or localhost"
TOKEN = "correct-horse-battery"
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

FIRST_HANDED = 3
"""Where the sockets begin that systemd hands over: SD_LISTEN_FDS_START of sd_listen_fds(3)."""

AS_SYSTEMD = f"""
import fcntl, os, sys
number = int(sys.argv[1])
copies = [fcntl.fcntl(int(descriptor), fcntl.F_DUPFD, 100) for descriptor in sys.argv[2 : 2 + number]]
for place, copy in enumerate(copies, {FIRST_HANDED}):
    os.dup2(copy, place)
os.environ |= {{"LISTEN_FDS": str(number), "LISTEN_PID": str(os.getpid())}}
os.execv(sys.argv[2 + number], sys.argv[2 + number :])
"""
"""Hands sockets over as systemd does, whose LISTEN_PID is the process that takes them."""

QUIET = {"PYTHONWARNINGS": ""}
"""gunicorn itself leaves a socket unclosed while it finds out what those are that it was handed."""

Serve = Callable[..., Served]


def serve_as_systemd(serve: Serve, *listeners: socket.socket, arguments: Sequence[str] = (), **environ: str) -> Served:
    """Start a service that is handed these sockets."""
    numbers = [listener.fileno() for listener in listeners]
    launcher = [sys.executable, "-c", AS_SYSTEMD, str(len(numbers)), *map(str, numbers)]
    return serve(*arguments, launcher=launcher, handed=numbers, **QUIET, **environ)


def serve_as_upgrade(serve: Serve, *listeners: socket.socket, **environ: str) -> Served:
    """Start a service that is handed these sockets as by a gunicorn that it replaces."""
    numbers = [listener.fileno() for listener in listeners]
    handed = {"GUNICORN_PID": str(os.getpid()), "GUNICORN_FD": ",".join(map(str, numbers))}
    return serve(handed=numbers, **handed, **QUIET, **environ)


handed_over = pytest.mark.parametrize("start", [serve_as_systemd, serve_as_upgrade], ids=["systemd", "upgrade"])


def listen(host: str) -> socket.socket:
    """Return a socket that listens on a host, and on its IPv4 too where it is all of IPv6."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if ":" in host:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind((host, 0))
    listener.listen()
    return listener


@pytest.fixture
def loopback() -> Iterator[socket.socket]:
    with listen("127.0.0.1") as listener:
        yield listener


def ask(connection: socket.socket) -> bytes:
    """Return what a service answers on a connection."""
    with closing(connection):
        connection.settimeout(PATIENCE)
        connection.sendall(HEALTH)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.proves(
    "the start ends with a sentence, no request is answered",
    "a socket for all addresses that systemd, or the gunicorn before, hands over without a token",
    "the look at the sockets that are there",
)
@handed_over
@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_socket_for_others_that_is_handed_over_ends_the_start_without_a_token(
    serve: Serve, start: Callable[..., Served], loopback: socket.socket, host: str
) -> None:
    with listen(host) as listener, socket.create_connection(("127.0.0.1", listener.getsockname()[1])) as client:
        client.sendall(HEALTH)
        served = start(serve, loopback, listener)

        assert served.process.wait(PATIENCE) == 1
        waiting = listener.accept()[0]
        with waiting:
            assert waiting.recv(1000) == HEALTH
    printed = served.stop()
    assert f"Listening on {host} {FOREIGN}\n" in printed
    assert "Booting worker" not in printed
    assert "Traceback" not in printed


@handed_over
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_socket_of_loopback_that_is_handed_over_is_served(
    serve: Serve, start: Callable[..., Served], host: str
) -> None:
    with listen(host) as listener:
        start(serve, listener)

        assert ask(socket.create_connection(listener.getsockname()[:2])).startswith(b"HTTP/1.1 200 OK")


@handed_over
def test_unix_socket_that_is_handed_over_is_served(serve: Serve, start: Callable[..., Served], tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(path)
        listener.listen()
        start(serve, listener)
        client.connect(path)

        assert ask(client).startswith(b"HTTP/1.1 200 OK")


@handed_over
def test_socket_for_others_that_is_handed_over_is_served_with_a_token(
    serve: Serve, start: Callable[..., Served]
) -> None:
    with listen("0.0.0.0") as listener:
        start(serve, listener, API_TOKEN=TOKEN)

        assert ask(socket.create_connection(("127.0.0.1", listener.getsockname()[1]))).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.proves(
    "the start ends with a sentence",
    "-b 0.0.0.0 or [::] without a token; bad settings",
    "the look at where gunicorn listens",
)
@pytest.mark.parametrize("arguments", [(), ("--reuse-port",)], ids=["own", "one a worker"])
def test_number_of_a_socket_for_others_ends_the_start_without_a_token(serve: Serve, arguments: tuple[str, ...]) -> None:
    with listen("0.0.0.0") as listener:
        served = serve("-b", f"fd://{listener.fileno()}", *arguments, handed=[listener.fileno()])

        assert served.process.wait(PATIENCE) == 1
    assert f"Listening on 0.0.0.0 {FOREIGN}\n" in served.stop()


def configure(folder: Path, code: str) -> tuple[str, str]:
    """Return what has gunicorn run some code before, or behind, its own settings."""
    before, _, behind = code.partition("...")
    (folder / "conf.py").write_text(f"{before}\nexec(open({str(PROJECT / 'gunicorn.conf.py')!r}).read())\n{behind}")
    return "-c", str(folder / "conf.py")


@pytest.mark.proves(
    "the process ends with a sentence, nothing listens",
    "a SIGHUP that moves it to all addresses, without a token",
    "the look after a reload",
)
def test_reload_that_moves_it_to_others_ends_it_without_a_token(serve: Serve, tmp_path: Path) -> None:
    served = serve(*configure(tmp_path, "...")).wait()
    moved = free_port()
    configure(tmp_path, f"...bind = '0.0.0.0:{moved}'")

    served.process.send_signal(signal.SIGHUP)

    assert served.process.wait(PATIENCE) == 1
    assert f"Listening on 0.0.0.0 {FOREIGN}\n" in served.stop()
    for port in (moved, served.port):
        until(lambda port=port: is_refused(port))


def is_refused(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) != 0


def test_reload_on_loopback_goes_on(serve: Serve, tmp_path: Path) -> None:
    served = serve(*configure(tmp_path, "..."), WEB_CONCURRENCY="1").wait()
    (before,) = served.workers

    served.process.send_signal(signal.SIGHUP)

    until(lambda: before not in served.workers)
    assert served.get("/health") == HEALTHY


def test_workers_collect_garbage_before_and_after_a_reload(serve: Serve, tmp_path: Path) -> None:
    tell = "import gc\ndef worker_exit(server, worker): worker.log.info(f'collects garbage: {gc.isenabled()}')"
    served = serve(*configure(tmp_path, f"...{tell}"), WEB_CONCURRENCY="1").wait()
    (before,) = served.workers

    served.process.send_signal(signal.SIGHUP)
    until(lambda: before not in served.workers)
    served.wait()

    told = [line["message"] for line in served.logged() if "garbage" in line.get("message", "")]
    assert told == ["collects garbage: True"] * 2


@pytest.mark.proves(
    "the new process ends with a sentence, the old one goes on",
    "a SIGUSR2 whose new process has the socket for all addresses, and no token",
    "the look at the sockets that are there",
)
def test_upgrade_that_loses_the_token_ends_and_the_old_one_goes_on(serve: Serve, tmp_path: Path) -> None:
    port = free_port()
    served = serve(*configure(tmp_path, f"...bind = '0.0.0.0:{port}'"), API_TOKEN=TOKEN, WEB_CONCURRENCY="1")
    served.url = f"http://127.0.0.1:{port}"
    served.wait()
    before = served.workers
    configure(tmp_path, "import os; del os.environ['API_TOKEN']...")

    served.process.send_signal(signal.SIGUSR2)

    until(lambda: FOREIGN in served.read_log())
    until(lambda: served.workers == before)
    assert served.get("/health") == HEALTHY
    printed = served.stop()
    assert printed.count(f"Listening on 0.0.0.0 {FOREIGN}\n") == 1
    assert printed.count("Booting worker") == 1
