"""The databases that the tests run on: a file, or a throwaway server on loopback that is gone afterwards.

TEST_POSTGRESQL_URL and TEST_MYSQL_URL name servers to use instead, as a user who may create schemas or databases.
"""

import fcntl
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from getpass import getuser
from itertools import cycle
from pathlib import Path
from socket import socket
from typing import Any, NamedTuple, NoReturn, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pymysql
import pytest

REQUIRED = "TEST_ALL_REQUIRED"
"""Set in the environment, it turns the skip for want of a server or a right into a failure."""

PATIENCE = 300
"""What takes so many seconds has not happened: for waits that end at once unless something is wrong."""

LOG_CHARS = 5000
MEMORY_BYTES = 2 * 2**30

Found = TypeVar("Found")

PORTS = (20_000, 32_768)
"""Below those that Linux gives to outgoing connections: a server that is killed finds its own free when it is back."""


class Step(NamedTuple):
    """What an upload, or its taking back, comes to with each row or batch, and the column that says with which."""

    event: str
    column: str


TABLES = ("departments", "jobs", "hired_employees", "uploads", "rejects", "batches", "replaced", "undone", "sources")
DELETES = [f"DELETE FROM {table}" for table in TABLES]

ROW = Step("INSERT ON jobs", "id")
LEDGER = Step("UPDATE ON uploads", '"read"')
UNDO = Step("UPDATE ON undone", "removed")


class Server(ABC):
    """Gives each test an empty database of its own."""

    name: str
    """The scheme of its URLs, and the name of its folder in sql/."""

    arguments: tuple[str, ...] = ()
    """What a service is started with so that hold_at can hold its uploads."""

    emptying: Sequence[str]
    """Empties a database, and numbers what comes from 1 on again."""

    def __init__(self) -> None:
        self.emptied: list[str] = []
        """Databases without uploads, to be used again: to make one takes longer than to empty it."""

    @abstractmethod
    def create(self) -> str:
        """Return the URL of a new and empty database."""

    @abstractmethod
    def drop(self, url: str) -> None:
        """Remove a database."""

    @abstractmethod
    def connect(self, url: str) -> Any:
        """Return a connection of the driver's own (PEP 249), in autocommit."""

    def empty(self, url: str) -> None:
        """Leave of a database's tables and ledger what a start makes of them."""
        self.execute(url, *self.emptying)

    @contextmanager
    def hold(self, url: str) -> Iterator[Any]:
        """Keep a row of the id 1 in jobs that is not committed, which a writer of that id has to wait for."""
        with closing(self.connect(url)) as connection:
            cursor = connection.cursor()
            cursor.execute("BEGIN")
            cursor.execute("INSERT INTO jobs (id, job) VALUES (1, 'held')")
            yield cursor
            cursor.execute("ROLLBACK")

    @contextmanager
    def hold_at(self, url: str, number: int, step: Step = ROW) -> Iterator[None]:
        """Let an upload wait before the step with this number, in the transaction of its batch.

        No timeout of the database ends that wait: the end of the block does, or of the database.
        """
        with closing(self.connect(url)) as connection:
            cursor = connection.cursor()
            for statement in self.holding(number, step):
                cursor.execute(statement)
            yield

    @abstractmethod
    def holding(self, number: int, step: Step) -> list[str]:
        """Return what takes a lock for as long as a connection lasts, and lets who comes to the step wait for it."""

    def execute(self, url: str, *statements: str) -> list[Any]:
        """Run statements, and return the rows of the last."""
        with closing(self.connect(url)) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    @abstractmethod
    def start(self) -> None:
        """Start the server."""

    @abstractmethod
    def stop(self) -> None:
        """End the server and remove what it left."""


class SQLite(Server):
    name = "sqlite"
    arguments = ("-c", str(Path(__file__).with_name("held.conf.py")))
    emptying = ("BEGIN", *DELETES, "DELETE FROM sqlite_sequence", "COMMIT")

    def start(self) -> None:
        self._folder = tempfile.TemporaryDirectory()

    def stop(self) -> None:
        self._folder.cleanup()

    def create(self) -> str:
        folder = Path(self._folder.name, uuid4().hex)
        folder.mkdir()
        return f"sqlite:///{folder}/loadbay.db"

    def drop(self, url: str) -> None:
        shutil.rmtree(Path(url.removeprefix("sqlite:///")).parent)

    def connect(self, url: str) -> Any:
        return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)

    @contextmanager
    def hold_at(self, url: str, number: int, step: Step = ROW) -> Iterator[None]:
        with open(f"{url.removeprefix('sqlite:///')}-held", "w") as lock, super().hold_at(url, number, step):  # noqa: PTH123
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def holding(self, number: int, step: Step) -> list[str]:
        return [
            "DROP TRIGGER IF EXISTS held",
            f"CREATE TRIGGER held BEFORE {step.event} WHEN NEW.{step.column} = {number} BEGIN SELECT wait_for_test(); END",
        ]


class Throwaway(Server):
    """A server of the tests' own, unless the environment names one."""

    variable: str
    package: str
    user: str
    waited_for: str
    """Asks whether anyone waits for a lock of the connection that asks."""
    stop_signal = signal.SIGTERM
    durable = False
    """Whether it keeps its data on disk and syncs each commit, as a server does by default: tests need neither."""

    def start(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.url = os.environ.get(self.variable, "")
        if self.url:
            return
        programs = self.find_programs()
        if not programs:
            skip(f"no {self.name} server: apt-get install {self.package}, or set {self.variable}")
        self.make_folder()
        self.port = free_port()
        self._process = self.run(self._folder, *programs)
        self.wait(self._process, self.url)

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(self.stop_signal)
            self._process.wait(PATIENCE)
            shutil.rmtree(self._folder)

    def wait_for_another(self, cursor: Any) -> None:
        """Return once another waits for what a cursor's transaction has locked."""

        def is_waited_for() -> bool:
            cursor.execute(self.waited_for)
            return bool(cursor.fetchone()[0])

        until(is_waited_for, pause=0.2)  # MariaDB gives the old answer to who asks more often than each 0.1 seconds

    def kill(self) -> None:
        """End the server with all its processes: SIGKILL."""
        if not self._process:
            pytest.skip(f"the server of {self.variable} is not the tests' own to kill")
        kill_at_once(self._process)

    def restart(self) -> None:
        """Start the server again on the data that it has."""
        self._process = self.spawn(*self._process.args)
        self.wait(self._process, self.url)

    def make_folder(self) -> None:
        """Make the folder for the data, of a user that the server runs as: neither server runs as root."""
        self._folder = Path(tempfile.mkdtemp(prefix="loadbay-", dir=None if self.durable else in_memory()))
        self.owner = self.user if getuser() == "root" else getuser()
        if getuser() == "root":
            shutil.chown(self._folder, self.owner)

    @abstractmethod
    def find_programs(self) -> list[str]:
        """Return the paths of the server's programs, none where it is not installed."""

    @abstractmethod
    def run(self, folder: Path, *programs: str) -> "subprocess.Popen[bytes]":
        """Make a new data folder, and start the server on it."""

    def call(self, *command: object) -> None:
        ran = subprocess.run([*map(str, command)], user=self.owner, capture_output=True, text=True, cwd=self._folder)
        if ran.returncode:
            raise AssertionError(f"{command[0]} ended with {ran.returncode}: {ran.stdout}{ran.stderr}")

    def spawn(self, *command: object) -> "subprocess.Popen[bytes]":
        log = (self._folder / "log").open("ab")
        with log:
            return subprocess.Popen(
                [*map(str, command)],
                user=self.owner,
                process_group=0,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    def wait(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        """Wait until a server answers."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.execute(url, "SELECT 1")
                return
            except (psycopg.Error, pymysql.Error):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((self._folder / "log").read_text()[-LOG_CHARS:]) from None
                time.sleep(0.05)


class PostgreSQL(Throwaway):
    name = "postgresql"
    emptying = (f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY",)
    variable = "TEST_POSTGRESQL_URL"
    package = "postgresql"
    user = "postgres"
    stop_signal = signal.SIGINT  # without regard to connections that are open

    def find_programs(self) -> list[str]:
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        path = os.pathsep.join([*map(str, reversed(folders)), os.environ.get("PATH", "")])
        found = [shutil.which(program, path=path) for program in ("initdb", "postgres")]
        return [program for program in found if program] if all(found) else []

    def run(self, folder: Path, *programs: str) -> "subprocess.Popen[bytes]":
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.initialize(programs[0], folder / "data")
        return self.serve(programs[1], folder, self.port)

    def initialize(self, initdb: str, data: Path) -> None:
        """Make a new data folder."""
        options = ("--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync")
        self.call(initdb, "-D", data, *options)

    def serve(self, postgres: str, folder: Path, port: int, *more: str) -> "subprocess.Popen[bytes]":
        """Start a server on the data in a folder."""
        settings = (
            "listen_addresses=127.0.0.1",
            f"port={port}",
            f"unix_socket_directories={folder}",
            "max_connections=200",
            "dynamic_shared_memory_type=mmap",  # it goes with the data folder, also after a SIGKILL
            *(() if self.durable else ("fsync=off",)),
            *more,
        )
        return self.spawn(postgres, "-D", folder / "data", *(part for name in settings for part in ("-c", name)))

    def create(self) -> str:
        name = f"test_{uuid4().hex}"
        self.execute(self.url, f"CREATE SCHEMA {name}")
        return f"{self.url}{'&' if '?' in self.url else '?'}options=-csearch_path%3D{name}"

    def drop(self, url: str) -> None:
        self.execute(self.url, f"DROP SCHEMA {url.rpartition('%3D')[2]} CASCADE")

    def holding(self, number: int, step: Step) -> list[str]:
        lock = f"hashtext(current_schema()), {number}"
        return [
            f"SELECT pg_advisory_lock({lock})",
            # Not pg_advisory_lock: the service's lock_timeout would end it.
            f"CREATE OR REPLACE FUNCTION hold_{number}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
            f"WHILE NOT pg_try_advisory_xact_lock_shared({lock}) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN NEW; END'",
            f"CREATE OR REPLACE TRIGGER hold_{number} BEFORE {step.event} "
            f"FOR EACH ROW WHEN (NEW.{step.column} = {number}) EXECUTE FUNCTION hold_{number}()",
        ]

    waited_for = "SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"

    def connect(self, url: str) -> Any:
        connection = psycopg.connect(url, autocommit=True)
        connection.execute("SET TIME ZONE 'UTC'")
        return connection


class MySQL(Throwaway):
    name = "mysql"
    emptying = (*DELETES, "ALTER TABLE uploads AUTO_INCREMENT = 1")
    variable = "TEST_MYSQL_URL"
    package = "mariadb-server"
    user = "mysql"

    def find_programs(self) -> list[str]:
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
        found = [shutil.which(program, path=path) for program in ("mariadb-install-db", "mariadbd")]
        return [program for program in found if program] if all(found) else []

    def run(self, folder: Path, *programs: str) -> "subprocess.Popen[bytes]":
        self.url = f"mysql://root@127.0.0.1:{self.port}/mysql"
        self.initialize(programs[0], folder / "data")
        return self.spawn(programs[1], *self.options(folder, self.port))

    def initialize(self, install_db: str, data: Path) -> None:
        """Make a new data folder."""
        options = ("--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db")
        self.call(install_db, *options, f"--datadir={data}", f"--tmpdir={data.parent}")

    def options(self, folder: Path, port: int) -> list[str]:
        """Return what a server on the data in a folder is started with."""
        return [
            "--no-defaults",
            f"--datadir={folder / 'data'}",
            f"--tmpdir={folder}",  # at its start a server removes temporary tables, those of others with them
            f"--socket={folder / 'socket'}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--max-connections=200",
            *(() if self.durable else ("--innodb-flush-log-at-trx-commit=0",)),
        ]

    def create(self) -> str:
        name = f"test_{uuid4().hex}"
        self.execute(self.url, f"CREATE DATABASE {name}")
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop(self, url: str) -> None:
        self.execute(self.url, f"DROP DATABASE {urlsplit(url).path[1:]}")

    def holding(self, number: int, step: Step) -> list[str]:
        lock = f"concat(database(), {number})"
        return [
            f"DO get_lock({lock}, {PATIENCE})",
            f"CREATE OR REPLACE TRIGGER hold_{number} BEFORE {step.event} FOR EACH ROW "
            f"IF NEW.{step.column} = {number} THEN DO get_lock({lock}, {PATIENCE}); DO release_lock({lock}); END IF",
        ]

    waited_for = """
        SELECT count(*)
        FROM information_schema.innodb_lock_waits
        JOIN information_schema.innodb_trx ON trx_id = blocking_trx_id
        WHERE trx_mysql_thread_id = connection_id()
    """

    def connect(self, url: str) -> Any:
        parts = urlsplit(url)
        return pymysql.connect(
            host=parts.hostname or "",
            port=parts.port or 3306,
            user=parts.username,
            password=parts.password or "",
            database=parts.path[1:],
            ssl_disabled=True,  # it would read the machine's certificates for each connection
            autocommit=True,
            init_command="SET sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'",
        )


SERVERS: dict[str, type[Server]] = {server.name: server for server in (SQLite, PostgreSQL, MySQL)}


def kill_at_once(process: "subprocess.Popen[bytes]") -> None:
    """End a server with all its processes: SIGKILL.

    All stop before one ends: PostgreSQL's processes are no group, and what one held another would go on with.
    """
    first = process.pid
    os.kill(first, signal.SIGSTOP)
    others = [int(pid) for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in (first, *others):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
    process.wait()


def skip(sentence: str) -> NoReturn:
    """Skip the tests for want of something, or fail them where all is required."""
    (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(sentence)


def until(condition: Callable[[], Found], pause: float = 0.01) -> Found:
    """Return what a condition gives once that is true; fails where it never is."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"this did not come about in {PATIENCE} seconds"
        time.sleep(pause)
    return found


def ports() -> Iterator[int]:
    """Go round those of PORTS that no other process of the same run of tests is given, from anywhere in them."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = range(*PORTS)[number::processes]
    start = random.randrange(len(own))
    return cycle((*own[start:], *own[:start]))


OWN_PORTS = ports()


def free_port() -> int:
    """Return a port of loopback that nothing listens on, and that no outgoing connection is given meanwhile."""
    while True:
        with closing(socket()) as free, suppress(OSError):
            port = next(OWN_PORTS)
            free.bind(("127.0.0.1", port))
            return port


def in_memory() -> Path | None:
    """Return a folder in memory, which makes many small databases faster, or None where there is no room in it."""
    folder = Path("/dev/shm")
    has_room = folder.is_dir() and shutil.disk_usage(folder).free >= MEMORY_BYTES
    return folder if has_room else None
