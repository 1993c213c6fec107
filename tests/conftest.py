"""What the tests share: a service on an empty database, and a client that holds every upload to its account."""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import faults_table
import pytest
from project import PROJECT
from served import Served
from servers import SERVERS
from servers.server import Server
from web_client import Client

import service
from settings import read_settings
from sql import Database, open_database, open_replica


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
