"""What the tests share: a service on an empty database, and a client that holds every upload to its account."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import faults_table
import pytest
import webtest
from described import DescribedApp
from servers import PATIENCE, SERVERS, Server, free_port, until

import service
from settings import read_settings
from sql import Database, open_database, open_replica

PROJECT = Path(__file__).parent.parent


def copy_examples(folder: Path) -> None:
    """Copy the example files, without the refused rows that somebody who loaded them has beside them."""
    shutil.copytree(PROJECT / "examples", folder, ignore=shutil.ignore_patterns("*.rejects.csv*"), dirs_exist_ok=True)


HEALTHY = {"status": "ok", "version": service.VERSION}
"""What /health answers where all is well."""


class Client:
    """Speaks to a service by WebTest, and checks after every upload that its account is true."""

    def __init__(self, app: Any):
        self.app = DescribedApp(app)

    def upload(self, table: str, file: str | bytes, status: int | None = 200, **query: Any) -> dict[str, Any]:
        """Send a file as a form, and return the answer; status None takes any."""
        return self.upload_to(f"{table}{query_of(query)}", file, status)

    def upload_to(self, target: str, file: str | bytes, status: int | None = 200) -> dict[str, Any]:
        """Send a file as a form to a table with its query, and return the answer."""
        content = file.encode() if isinstance(file, str) else file
        table = target.partition("?")[0]
        files = [("file", f"{table}.csv", content)]
        return self._checked(
            target,
            lambda: self.app.post(f"/upload/{target}", upload_files=files, status=status, expect_errors=status is None),
        )

    def post(self, table: str, body: bytes, status: int = 200, **headers: str) -> dict[str, Any]:
        """Send a body as it is, and return the answer."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._checked(table, lambda: self.app.post(f"/upload/{table}", body, headers, status=status))

    def get(self, url: str, status: int = 200, **headers: str) -> Any:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.get(url, headers=headers, status=status).json

    def rows(self, table: str) -> list[list[str]]:
        """Return the rows that are stored, by id."""
        return list(csv.reader(io.StringIO(self.app.get(f"/tables/{table}.csv").text, newline="")))[1:]

    def _checked(self, target: str, send: Callable[[], webtest.TestResponse]) -> dict[str, Any]:
        table = target.partition("?")[0]
        before = self._count(table)
        answer = send()
        grown = self._count(table) - before
        if "dry_run=true" in target or ("atomic=true" in target and answer.status_int != 200):
            assert grown == 0
            grown = answer.json.get("inserted", 0)
        check_account(answer.json, grown)
        if "upload_id" in answer.json:
            check_ids(answer.json, self.app.get(answer.json["ids_url"]).text.splitlines())
        return answer.json

    def _count(self, table: str) -> int:
        return next((listed["rows"] for listed in self.get("/tables") if listed["name"] == table), 0)


def check_account(answer: dict[str, Any], grown: int) -> None:
    """Assert that every record is accounted for, and that the table grew by what was inserted."""
    if "upload_id" not in answer:
        assert grown == 0
        return
    assert answer["read"] == answer["inserted"] + answer["updated"] + answer["skipped"] + answer["rejected"]
    assert grown == answer["inserted"]
    assert len(answer["skipped_duplicates"]) == min(answer["skipped"], 10_000)
    assert len(answer["rejects"]) == min(answer["rejected"], 100)


def check_ids(answer: dict[str, Any], lines: list[str]) -> None:
    """Assert that the ids of an upload, each with its outcome, are those that its account counts and shows."""
    outcomes = [(int(key), outcome) for key, outcome in (line.split(",") for line in lines[1:])]
    skipped = [key for key, outcome in outcomes if outcome in ("skipped", "conflict")]
    assert lines[0] == "id,outcome"
    assert Counter(outcome for _, outcome in outcomes)["inserted"] == answer["inserted"]
    assert Counter(outcome for _, outcome in outcomes)["updated"] == answer["updated"]
    assert len(skipped) == answer["skipped"]
    assert skipped[:10_000] == answer["skipped_duplicates"]
    conflicts = [key for key, outcome in outcomes if outcome == "conflict"]
    assert Counter(conflicts[:10_000]) == Counter(answer["conflicts"])


@pytest.fixture(scope="session", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each of the databases in turn, on which all tests that ask for a service run."""
    server = SERVERS[request.param]()
    server.start()
    yield server
    for url in server.emptied:
        server.drop(url)
    server.stop()


@pytest.fixture
def rounds(record_property: Callable[[str, object], None]) -> Callable[[int, int], range]:
    """What returns the rounds of a test, fewer or more, which count in the table of faults."""

    def choose(short: int, long: int) -> range:
        number = long if faults_table.LONG else short
        record_property("rounds", number)
        return range(number)

    return choose


LINES = pytest.StashKey[set[faults_table.Line]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    config.stash[LINES] = faults_table.lines_of(items)
    if GATEWAY:
        items[:] = [item for item in items if "client" in item.fixturenames and "serve" not in item.fixturenames]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table of faults that were tried at length, keep it where none was left out, and say what is missing."""
    if faults_table.LONG:
        stats = terminalreporter.stats
        table = faults_table.table([report for kind in ("passed", "failed", "error") for report in stats.get(kind, [])])
        terminalreporter.write(table)
        if config.args_source is not pytest.Config.ArgsSource.ARGS and not config.option.keyword:
            faults_table.write(table)
    skipped = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
    for reason, tests in skipped.items():
        terminalreporter.write_line(f"{tests} tests were skipped: {reason.removeprefix('Skipped: ')}")


@pytest.fixture
def new_url(server: Server) -> Iterator[Callable[[], str]]:
    """What makes empty databases, which go with the test, and returns their URLs."""
    urls: list[str] = []

    def create() -> str:
        urls.append(server.create())
        return urls[-1]

    yield create
    close_clients()
    for url in urls:
        server.drop(url)


OPENED: list[Database] = []
"""The databases that the test has opened."""


@pytest.fixture
def settings(new_url: Callable[[], str]) -> dict[str, str]:
    """The environment of the service under test."""
    return {"DATABASE_URL": new_url()}


@pytest.fixture(scope="session")
def shared(server: Server) -> Iterator[tuple[str, Client]]:
    """A database, and a client of a service on it, for all tests that do not ask for the settings."""
    url = server.create()
    client = start_client({"DATABASE_URL": url})
    database = OPENED.pop()
    yield url, client
    database.close()
    server.drop(url)


@pytest.fixture
def client(request: pytest.FixtureRequest, server: Server) -> Client:
    """A client of a service without uploads; the database is a new one where the test has its settings at hand."""
    if "settings" in request.fixturenames:
        return start_client(request.getfixturevalue("settings"))
    url, client = request.getfixturevalue("shared")
    server.empty(url)
    return client


OF_ALL = {name: value for name, value in os.environ.items() if name == "READER_BYTES_MIN"}
"""What the tests' own environment sets for every client: with READER_BYTES_MIN=0 all files are read by other processes."""


def start_client(settings: dict[str, str]) -> Client:
    """Return a client of the service with these settings."""
    read = read_settings(OF_ALL | settings)
    connecting = (read.busy_timeout, read.pool_size)
    database, replica = open_database(read.database_url, *connecting), None
    OPENED.append(database)
    if read.reports_database_url:
        replica = open_replica(read.reports_database_url, *connecting)
        OPENED.append(replica)
    return Client(through_gateway(service.create_app(database, read, replica)))


GATEWAY = os.environ.get("GATEWAY")
"""Set to 1.0 or 2.0, a version of events of API Gateway, it lets all clients ask by way of that and of Lambda's entry."""


def through_gateway(app: Any) -> Any:
    """Return what answers as the app does, by the way that GATEWAY names, if it names one."""
    if GATEWAY is None:
        return app
    from apig_wsgi import make_lambda_handler
    from gateway import through

    from aws.gateway import Gateway

    handler = make_lambda_handler(Gateway(app, None), True, non_binary_content_type_prefixes=())
    return through(handler, GATEWAY, stage="$default")


def close_clients() -> None:
    """Close what start_client has opened."""
    while OPENED:
        OPENED.pop().close()


GUNICORN = str(Path(sys.executable).with_name("gunicorn"))
"""The program that `make run` starts."""

INHERITED = {name: value for name, value in os.environ.items() if name == "PYTHONPATH"}
"""What a service has of the tests' own environment: `make newest` puts another gunicorn there."""

LOG_BYTES_MAX = 2**26

WORKERS = read_settings({}).workers
"""So many processes serve, unless the environment has another number."""

OF_EVERY_REQUEST = {
    *("time", "request_id", "client", "forwarded_for", "method", "path", "status", "content_length", "sent_bytes"),
    *("seconds", "client_wait_seconds", "database_wait_seconds"),
}
"""What the log has of a request whatever is answered, and how long that took."""


class Served:
    """A service in a gunicorn of its own, on a free port."""

    def __init__(
        self,
        folder: Path,
        environ: dict[str, str],
        *arguments: str,
        launcher: Sequence[str] = (),
        handed: Sequence[int] = (),
    ):
        """launcher is a command that begins gunicorn, handed the descriptors that this process hands over."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.printed = ""
        self._expected = int(environ.get("WEB_CONCURRENCY", WORKERS))
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - stop closes it
        self.process = subprocess.Popen(
            [*launcher, GUNICORN, *arguments],
            pass_fds=handed,
            cwd=folder,
            env={"PORT": str(self.port), "PYTHONWARNINGS": "error::ResourceWarning", **INHERITED, **environ},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> "Served":
        """Return once the service and its database answer, and all workers take signals: one told to stop sooner does not."""
        return self._wait(lambda: self.status("/health") == 200 and self.has_all_workers())

    def has_all_workers(self) -> bool:
        workers = self.workers
        return len(workers) >= self._expected and all(map(catches_signals, workers))

    def listen(self) -> "Served":
        """Return once the service answers, if only that its database does not."""
        return self._wait(lambda: self.status("/health") != 0)

    def _wait(self, answers: Callable[[], bool]) -> "Served":
        until(lambda: self.process.poll() is not None or answers())
        if self.process.poll() is not None:
            raise AssertionError(f"the service did not start: {self.stop()}")
        return self

    def read(self, path: str, timeout: float = PATIENCE, **headers: str) -> bytes:
        """Return what is at a path."""
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.read()

    def get(self, path: str, timeout: float = PATIENCE) -> Any:
        """Return the JSON at a path."""
        return json.loads(self.read(path, timeout))

    def status(self, path: str, timeout: float = PATIENCE) -> int:
        """Return the status of the answer at a path, 0 where nothing listens or the connection breaks off."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=timeout) as answer:
                answer.read()
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def upload(self, table: str, body: bytes, timeout: float = PATIENCE, **headers: str) -> tuple[int, dict[str, Any]]:
        """Send a file, and return the status and the answer."""
        return self._ask(f"/upload/{table}", timeout, data=body, headers={"Content-Type": "text/csv", **headers})

    def delete(self, path: str, timeout: float = PATIENCE) -> tuple[int, dict[str, Any]]:
        """Delete what is at a path, and return the status and the answer."""
        return self._ask(path, timeout, method="DELETE")

    def _ask(self, path: str, timeout: float, **named: Any) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(self.url + path, **named)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    @property
    def workers(self) -> list[int]:
        """The ids of the worker processes."""
        master = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def kill(self) -> None:
        """End the service at once, all its processes: SIGKILL."""
        workers = self.workers
        self.process.kill()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        self.process.wait()

    def read_log(self) -> str:
        """Return what the service has printed so far."""
        return os.pread(self._log.fileno(), LOG_BYTES_MAX, 0).decode()

    def logged(self) -> list[dict[str, Any]]:
        """End the service and return the lines of its log."""
        return [json.loads(line) for line in self.stop().splitlines() if line.startswith("{")]

    def facts(self, path: str) -> dict[str, Any]:
        """End the service and return what its log says of the last request for a path, beside the request itself."""
        line = [line for line in self.logged() if line.get("path") == path][-1]
        return {name: value for name, value in line.items() if name not in OF_EVERY_REQUEST}

    def stop(self) -> str:
        """End the service and return what it printed."""
        if not self._log.closed:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.printed = self.read_log()
            self._log.close()
        return self.printed


def catches_signals(worker: int) -> bool:
    """Whether a worker has got so far as to catch signals, of which SIGABRT is the last that gunicorn sets."""
    caught = Path(f"/proc/{worker}/status").read_text().partition("SigCgt:")[2].split()[0]
    return bool(int(caught, 16) >> (signal.SIGABRT - 1) & 1)


RECEIVED = b"".join(b"%d,%s\n" % (i, b"x" * 990) for i in range(1, 32_001))
"""So many rows that they are sent only when the service receives them: the buffers between have no room for them."""


@pytest.fixture
def serve(settings: dict[str, str]) -> Iterator[Callable[..., Served]]:
    """Start services that end with the test."""
    started: list[Served] = []

    def start(
        *arguments: str,
        folder: Path = PROJECT,
        launcher: Sequence[str] = (),
        handed: Sequence[int] = (),
        **environ: str,
    ) -> Served:
        started.append(Served(folder, settings | environ, *arguments, launcher=launcher, handed=handed))
        return started[-1]

    yield start
    for served in started:
        served.stop()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project of which a test may change the files."""
    folder = tmp_path / "copy"
    for name in ("handlers", "rows", "sql"):
        shutil.copytree(PROJECT / name, folder / name)
    for name in ("service.py", "settings.py", "gunicorn.conf.py"):
        shutil.copy(PROJECT / name, folder)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    """Replace a part of a file that is there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def query_of(query: dict[str, Any]) -> str:
    return f"?{urlencode(query)}" if query else ""
