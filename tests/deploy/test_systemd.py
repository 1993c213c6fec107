"""deploy/loadbay.service and .socket: systemd reads them, and is told that the service is ready once it answers."""

import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ports import free_port
from project import PROJECT
from required import skip
from served import Served
from test_listening import TOKEN, configure
from waits import PATIENCE, until

from settings import read_settings

DEPLOY = PROJECT / "deploy"
UNIT = (DEPLOY / "loadbay.service").read_text()
EXPOSURE_MAX = 1.5
"""Of 10, as systemd-analyze counts what a unit leaves open."""

on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


def program(name: str) -> str:
    return shutil.which(name) or skip(f"no {name}: apt-get install systemd")


def setting(name: str) -> str:
    """Return what the unit sets in the service's environment."""
    return re.findall(rf"^Environment={name}=(.*)$", UNIT, re.MULTILINE)[0]


def test_units_are_well_formed(tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    for name in ("loadbay.service", "loadbay.socket"):
        unit = (DEPLOY / name).read_text().replace("/opt/loadbay/.venv/bin/gunicorn", "/bin/true")
        (tmp_path / name).write_text(unit)

    ran = subprocess.run([analyze, "verify", "--man=no", *tmp_path.iterdir()], capture_output=True, text=True)

    assert (ran.returncode, [line for line in ran.stderr.splitlines() if "loadbay" in line]) == (0, [])


def test_unit_leaves_little_open(tmp_path: Path) -> None:
    analyze = program("systemd-analyze")

    ran = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", DEPLOY / "loadbay.service"],
        capture_output=True,
        text=True,
    )

    assert float(re.findall(r"Overall exposure level for loadbay.service: ([0-9.]+)", ran.stdout)[0]) <= EXPOSURE_MAX


def test_unit_gives_a_stop_the_time_that_the_service_takes() -> None:
    graceful = int(setting("GRACEFUL_TIMEOUT"))

    assert graceful > read_settings({}).body_timeout
    assert f"\nTimeoutStopSec={graceful + 30}\n" in UNIT


@pytest.fixture
def told(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket on which systemd is told how the service is."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(PATIENCE)
        yield told


@on_sqlite
def test_systemd_is_told_that_the_service_is_ready_once_it_answers(
    serve: Callable[..., Served], told: socket.socket
) -> None:
    served = serve(NOTIFY_SOCKET=str(told.getsockname()), WEB_CONCURRENCY="1")

    assert told.recv(1000) == b"READY=1"
    assert served.status("/health") == 200


@on_sqlite
def test_systemd_is_told_nothing_of_a_service_that_ends(
    serve: Callable[..., Served], told: socket.socket, tmp_path: Path
) -> None:
    late = configure(
        tmp_path, "...\nmine = when_ready\ndef when_ready(server):\n    mine(server)\n    raise SystemExit(1)\n"
    )

    served = serve(*late, NOTIFY_SOCKET=str(told.getsockname()))

    assert served.process.wait(PATIENCE) == 1
    told.setblocking(False)
    with pytest.raises(BlockingIOError):
        told.recv(1000)


@on_sqlite
def test_service_is_started_by_the_first_request(serve: Callable[..., Served]) -> None:
    port = free_port()
    served = serve(
        launcher=[
            program("systemd-socket-activate"),
            "-l",
            f"127.0.0.1:{port}",
            "-E",
            "DATABASE_URL",
            "-E",
            "PYTHONPATH",
        ],
    )
    until(lambda: "Listening on" in served.read_log())
    served.url = f"http://127.0.0.1:{port}"

    assert served.workers == []
    assert served.status("/health") == 200


@on_sqlite
def test_token_of_a_credential_is_asked_for_on_a_unix_socket(serve: Callable[..., Served], tmp_path: Path) -> None:
    (tmp_path / "api_token").write_text(f"{TOKEN}\n")
    path = tmp_path / "socket"
    served = serve("-b", f"unix:{path}", API_TOKEN_FILE=str(tmp_path / "api_token"))
    until(path.exists)

    statuses = [ask(path, "loadbay.example", *headers) for headers in ((), (f"Authorization: Bearer {TOKEN}",))]

    assert statuses == [401, 200]
    assert [line["client"] for line in served.logged() if line.get("path") == "/tables"] == [None, None]


@on_sqlite
def test_without_a_token_only_loopback_names_are_answered_on_a_unix_socket(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    path = tmp_path / "socket"
    serve("-b", f"unix:{path}")
    until(path.exists)

    assert [ask(path, host) for host in ("loadbay.example", "localhost")] == [403, 200]


def ask(path: Path, host: str, *headers: str) -> int:
    """Return the status of the answer for /tables."""
    head = "".join(f"{line}\r\n" for line in (f"Host: {host}", "Connection: close", *headers))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        until(lambda: connection.connect_ex(str(path)) == 0)
        connection.sendall(f"GET /tables HTTP/1.1\r\n{head}\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return int(answer.split()[1])
