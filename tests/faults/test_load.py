"""Many clients at once, for long: no request fails, no report sees a part of a batch, and nothing grows that should not."""

import itertools
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import faults_table
import pytest
from conftest import start_client
from served import Served
from servers.server import Server
from test_slow_clients import EXPORT, UPLOAD, SlowClient
from waits import LONG, PATIENCE, until

from sql.sqlite.wal import WAL_BYTES_MAX

CLIENTS = 16
READERS = 4
THREADS = 12
ROWS = 40_000 if faults_table.LONG else 20_000
VISITS = 1600 if faults_table.LONG else 160
STEP = ROWS // 4
"""Each file is sent by two at once, and begins so many ids behind the one before: three quarters are in both."""

ALL = STEP * (CLIENTS // 2 - 1) + ROWS
REPORTS = ("hires-per-quarter-2021", "top-departments-hired", "data-quality")


def hires(first: int) -> bytes:
    """Return a file of hires that come in pairs, one in each department, so that no batch has more of one."""
    return b"".join(b"%d,Name %d,2021-02-03T04:05:06Z,%d,1\n" % (i, i, 1 + i % 2) for i in range(first, first + ROWS))


def check_whole(served: Served) -> None:
    """Assert that the reports have as many hires of one department as of the other, and the ledger whole batches."""
    hired = [(line["department"], line["Q1"]) for line in served.get("/stats/hires-per-quarter-2021")]
    assert hired == [(name, hired[0][1]) for name in "AB" if hired]
    assert served.get("/stats/top-departments-hired") == []
    assert {line["rows"] for line in served.get("/stats/data-quality")} == {0}
    for upload in served.get("/uploads?limit=20"):
        assert upload["read"] == upload["inserted"] + upload["skipped"]
        assert upload["read"] % 1000 == 0 or upload["table"] != "hired_employees"


@contextmanager
def repeated(work: Callable[[], None], threads: int) -> Iterator[list[BaseException]]:
    """Do something again and again in threads while the block lasts, and give it what went wrong."""
    ended, failures = threading.Event(), []

    def repeat() -> None:
        try:
            while not ended.is_set():
                work()
        except BaseException as error:
            failures.append(error)

    running = [threading.Thread(target=repeat) for _ in range(threads)]
    for thread in running:
        thread.start()
    try:
        yield failures
    finally:
        ended.set()
        for thread in running:
            thread.join()


@pytest.mark.proves(
    "no 5xx, every row once with true counts, no report with a part of a batch",
    f"{CLIENTS} clients with overlapping files, readers of every report, an export at 1 kB/s",
    "the transaction around a batch",
)
def test_overlapping_uploads_and_readers_of_every_report_get_whole_batches_and_no_error(
    serve: Callable[..., Served], server: Server, settings: dict[str, str]
) -> None:
    served = serve(BUSY_TIMEOUT=str(PATIENCE), SEND_TIMEOUT=LONG).wait()
    served.upload("departments", b"1,A\n2,B\n")
    served.upload("jobs", b"".join(b"%d,%s\n" % (i, b"x" * 900) for i in range(1, 5001)))
    wal = Path(settings["DATABASE_URL"].removeprefix("sqlite:///") + "-wal")
    sizes = [0]

    def watch() -> None:
        sizes.append(wal.stat().st_size if wal.exists() else 0)
        time.sleep(0.05)

    export = SlowClient(served.port, EXPORT, 500)
    with (
        repeated(lambda: check_whole(served), READERS) as failures,
        repeated(watch, 1),
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        files = [hires(1 + STEP * (client // 2)) for client in range(CLIENTS)]
        answers = list(pool.map(lambda file: served.upload("hired_employees", file), files))
    is_still_read = export.is_alive()
    export.stopped.set()

    assert failures == []
    assert is_still_read
    assert [status for status, _ in answers] == [200] * CLIENTS
    assert sum(account["inserted"] for _, account in answers) == ALL
    for _, account in answers:
        assert account["read"] == account["inserted"] + account["skipped"] == ROWS
        assert account["conflicts"] == []
    stored = served.read("/tables/hired_employees.csv").splitlines()[1:]
    assert [int(line.split(b",")[0]) for line in stored] == list(range(1, ALL + 1))
    assert max(sizes) < 2 * WAL_BYTES_MAX
    export.join()


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("is_link", [False, True], ids=["", "behind a symbolic link"])
@pytest.mark.proves(
    "the WAL stays below a bound", "readers of whom one always reads, all through an upload", "the emptying of the WAL"
)
def test_wal_is_emptied_although_one_always_reads(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, is_link: bool
) -> None:
    monkeypatch.setattr("sql.sqlite.wal.WAL_BYTES_MAX", 2**20)
    monkeypatch.setattr("sql.sqlite.wal.WAL_WAIT_SECONDS", PATIENCE)
    path = Path(settings["DATABASE_URL"].removeprefix("sqlite:///"))
    wal = path.with_name("loadbay.db-wal")
    if is_link:
        path.symlink_to("real.db")
        wal = path.with_name("real.db-wal")
    client = start_client(settings)
    readers = [sqlite3.connect(path, isolation_level=None, check_same_thread=False) for _ in range(2)]
    sizes: list[int] = []

    def read_on() -> None:
        for reader in readers:
            if reader.in_transaction:
                reader.execute("COMMIT")
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM jobs")
            sizes.append(wal.stat().st_size)
            time.sleep(0.05)

    with repeated(read_on, 1) as failures:
        client.upload("jobs", "".join(f"{i},{'x' * 900}\n" for i in range(20_000)))
        sizes.append(wal.stat().st_size)
    for reader in readers:
        reader.close()

    assert failures == []
    assert max(sizes) < 6 * 2**20


class Held(NamedTuple):
    """What the workers of a service hold together."""

    threads: int
    open_files: int
    memory_kib: int


def is_connected(port: int) -> bool:
    """Whether the system has a connection to a port of loopback that the service has not closed."""
    connections = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening, closed = "0A", "06"
    return any(
        local == f"0100007F:{port:04X}" and state not in (listening, closed) for _, local, _, state, *_ in connections
    )


def held_by(served: Served) -> Held:
    """Return what the workers hold, once no client is connected to them."""
    until(lambda: not is_connected(served.port))
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in served.workers]

    def total(name: str) -> int:
        return sum(int(line.split()[1]) for text in statuses for line in text.splitlines() if line.startswith(name))

    files = sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in served.workers)
    return Held(total("Threads:"), files, total("VmRSS:"))


@pytest.mark.proves(
    "threads, open files and memory end where they began",
    f"all sorts of requests by {CLIENTS} clients and more, for two minutes",
    "the close of connections",
)
def test_nothing_is_held_after_many_requests(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1", THREADS=str(THREADS)).wait()
    numbers = itertools.count(1)

    def visit() -> None:
        first = 1 + 1000 * next(numbers)
        rows = b"".join(b"%d,Job\n" % i for i in range(first, first + 1000))
        served.upload("jobs", rows)
        served.upload("jobs", rows + b"x,1\n" * 200)
        served.upload("jobs?dry_run=true", rows)
        served.upload("jobs?atomic=true", b"1,a\nx,b\n")
        served.upload("cats", rows)
        with socket.create_connection(("127.0.0.1", served.port)) as gone:
            gone.sendall(UPLOAD[:2000])
        with socket.create_connection(("127.0.0.1", served.port)) as gone:
            gone.sendall(EXPORT)
        for report in REPORTS:
            assert served.status(f"/stats/{report}?format=csv") in (200, 503)
        assert served.status(f"/uploads/{next(numbers) % 50 + 1}/rejects.csv") in (200, 503)
        assert served.status("/nowhere") == 404

    for _ in range(50):
        served.upload("jobs", b"1,a\n")
    with ThreadPoolExecutor(4 * CLIENTS) as pool:  # so many that each thread has been used
        list(pool.map(lambda _: visit(), range(VISITS // 2)))
    before = held_by(served)
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: visit(), range(VISITS // 2)))
    # SQLite and the pool keep what the most requests at one moment have opened: that may be more by one a thread.
    open_files_max = before.open_files + THREADS
    until(lambda: (held := held_by(served)).threads <= before.threads and held.open_files <= open_files_max)

    assert held_by(served).memory_kib < before.memory_kib * 1.1
