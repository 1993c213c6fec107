"""Large files, which a process of its own reads: what becomes of it, and of the upload, when either ends before the other."""

import math
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from served import Served
from servers.server import Server
from test_load import is_connected
from waits import PATIENCE, until
from web_client import check_account

ROWS = 5000


def jobs(first: int) -> bytes:
    return b"".join(b"%d,%0990d\n" % (i, i) for i in range(first, first + ROWS))


FILE = jobs(1)
EXPORT = b"id,job\r\n" + FILE.replace(b"\n", b"\r\n")

BATCH_ROWS = 100
HELD_ROWS_MAX = 2000
"""An upload that is held before this row is still being read: the process reads ahead as far as a pipe has room."""

MIB = 2**20
FEW, MANY = 300_000, 1_500_000

Serve = Callable[..., Served]
Rounds = Callable[[int, int], range]
Answer = tuple[int, dict[str, Any]]

on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


def start(serve: Serve, server: Server, *arguments: str, **environ: str) -> Served:
    """Start a service of one worker, whose uploads can be held."""
    environ = {"WEB_CONCURRENCY": "1", "BATCH_ROWS": str(BATCH_ROWS)} | environ
    return serve(*server.arguments, *arguments, **environ).wait()


def started_by(workers: list[int]) -> list[int]:
    """Return the processes that workers have started, and those of them that have ended unseen."""
    found: list[int] = []
    for worker in workers:
        for thread in Path(f"/proc/{worker}/task").iterdir():
            with suppress(OSError):  # the thread has ended meanwhile
                found += map(int, (thread / "children").read_text().split())
    return found


def reads(process: int) -> bool:
    """Whether a process is there, and reads a file."""
    with suppress(OSError):
        return b"rows.reading.process" in Path(f"/proc/{process}/cmdline").read_bytes()
    return False


def reading(served: Served) -> list[int]:
    """Return the processes that read for the workers of a service."""
    return [process for process in started_by(served.workers) if reads(process)]


@contextmanager
def upload(served: Served, file: bytes = FILE) -> Iterator[Future[Answer]]:
    """An upload that has ended at the end of the block."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(served.upload, "jobs", file)


@contextmanager
def held_upload(
    served: Served, server: Server, url: str, target: str = "jobs", stored: int = 0, **headers: str
) -> Iterator[tuple[Future[Answer], int]]:
    """An upload that waits for the end of the block behind so many rows that are stored, and the process that reads it."""
    number = stored + random.randint(1, BATCH_ROWS)
    with ThreadPoolExecutor(1) as pool, server.hold_at(url, number):
        answer = pool.submit(served.upload, target, FILE, **headers)
        until(lambda: answer.done() or len(rows_of(server, url)) >= stored)
        yield answer, until(lambda: reading(served))[0]


def rows_of(server: Server, url: str) -> list[int]:
    return [key for (key,) in server.execute(url, "SELECT id FROM jobs ORDER BY id")]


def kill_at_some_moment(served: Served, server: Server, url: str, is_held: bool) -> Answer:
    """Send the file, kill the process that reads it, and return the answer."""
    if is_held:
        stored = random.randrange(0, HELD_ROWS_MAX, BATCH_ROWS)
        with held_upload(served, server, url, stored=stored) as (answer, process):
            os.kill(process, signal.SIGKILL)
    else:
        with upload(served) as answer:
            process = until(lambda: reading(served))[0]
            time.sleep(random.uniform(0, 0.1))
            with suppress(ProcessLookupError):  # it has read all
                os.kill(process, signal.SIGKILL)
    return answer.result()


def check_ended(served: Served, account: dict[str, Any]) -> None:
    """Assert that the answer and the ledger say alike how far an upload came whose reading was ended."""
    entry = until(lambda: (found := served.get(f"/uploads/{account['upload_id']}"))["status"] == "stopped" and found)
    assert account["code"] == "reading_ended"
    assert account["detail"].startswith("the process that reads the file has ended after ")
    assert entry["reason"] == account["detail"]
    assert [entry[name] for name in ("read", "inserted")] == [account[name] for name in ("read", "inserted")]
    assert started_by(served.workers) == []


def check_completed(served: Served, stored: int, **headers: str) -> dict[str, Any]:
    """Send the file again, and assert that all of it is there then, each row once."""
    status, account = served.upload("jobs", FILE, **headers)

    assert status == 200
    assert (account["read"], account["inserted"], account["skipped"]) == (ROWS, ROWS - stored, stored)
    assert served.read("/tables/jobs.csv") == EXPORT
    return account


@pytest.mark.proves(
    "a 503 with the counts so far, no process left; the file sent again completes it",
    "SIGKILL of the process that reads a large file, in mid-upload",
    "the look whether its output ends at an end",
)
def test_upload_whose_reading_is_killed_says_how_far_it_came(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds
) -> None:
    url = settings["DATABASE_URL"]
    served = start(serve, server)
    for number in rounds(1, 20):
        is_held = number % 2 == 0
        status, account = kill_at_some_moment(served, server, url, is_held)
        rows = rows_of(server, url)

        check_account(account, len(rows))
        assert rows == [*range(1, account["read"] + 1)]
        assert status == 503 or (status == 200 and len(rows) == ROWS and not is_held)
        if status == 503:
            check_ended(served, account)
        check_completed(served, len(rows))
        server.empty(url)


@pytest.mark.proves(
    "503, nothing of the file is stored; sent again it is stored whole",
    "SIGKILL of the process that reads a large file, in an atomic upload",
    "the look whether its output ends at an end",
)
def test_atomic_upload_whose_reading_is_killed_stores_nothing(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds
) -> None:
    url = settings["DATABASE_URL"]
    served = start(serve, server)
    for _ in rounds(1, 20):
        with held_upload(served, server, url, "jobs?atomic=true") as (answer, process):
            time.sleep(random.uniform(0, 0.1))
            os.kill(process, signal.SIGKILL)
        status, account = answer.result()

        assert (status, account["read"], account["inserted"]) == (503, 0, 0)
        assert rows_of(server, url) == []
        check_ended(served, account)
        check_completed(served, 0)
        server.empty(url)


@pytest.mark.proves(
    "sent again with its key it goes on, and its account says the whole file",
    "SIGKILL of the process that reads a large file, in mid-upload",
    "its place among the errors that may pass",
)
def test_upload_whose_reading_is_killed_goes_on_with_its_key(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds
) -> None:
    url = settings["DATABASE_URL"]
    served = start(serve, server)
    for number in rounds(1, 20):
        key = {"Idempotency-Key": f"key-{number}"}
        stored = random.randrange(BATCH_ROWS, HELD_ROWS_MAX, BATCH_ROWS)
        with held_upload(served, server, url, stored=stored, **key) as (answer, process):
            os.kill(process, signal.SIGKILL)
        status, account = answer.result()
        rows = rows_of(server, url)

        assert status == 503
        assert rows == [*range(1, account["inserted"] + 1)]
        check_ended(served, account)
        assert check_completed(served, 0, **key)["upload_id"] == account["upload_id"]
        assert [entry["status"] for entry in served.get("/uploads")] == ["finished"]
        server.empty(url)


@on_sqlite
@pytest.mark.proves(
    "the process that reads for it ends too, and its place is free again",
    "SIGKILL of the worker in mid-upload of a large file",
    "the error of a pipe that nobody reads, the lock on a place",
)
def test_process_that_reads_ends_with_its_worker(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds
) -> None:
    url = settings["DATABASE_URL"]
    served = start(serve, server, READERS_MAX="1")
    for _ in rounds(1, 20):
        stored = random.randrange(0, HELD_ROWS_MAX, BATCH_ROWS)
        with held_upload(served, server, url, stored=stored) as (answer, process):
            os.kill(served.workers[0], signal.SIGKILL)
            with pytest.raises(OSError, match=r"closed|reset"):
                answer.result()
            until(lambda process=process: not reads(process))
        served.wait()
        rows = rows_of(server, url)
        entry = served.get("/uploads/1")

        assert rows == [*range(1, stored + 1)]
        assert (entry["status"], entry["read"], entry["inserted"]) == ("running", stored, stored)
        with held_upload(served, server, url, stored=stored) as (again, _):
            pass  # it has a process
        assert (again.result()[0], again.result()[1]["skipped"]) == (200, stored)
        assert served.read("/tables/jobs.csv") == EXPORT
        server.empty(url)


@on_sqlite
@pytest.mark.proves(
    "never more processes than that read, and every account is true",
    "two large uploads at a time, to two workers with READERS_MAX at 1",
    "the lock on a place",
)
def test_no_more_processes_read_than_there_are_places(serve: Serve, server: Server) -> None:
    served = start(serve, server, WEB_CONCURRENCY="2", READERS_MAX="1")
    numbers: list[int] = []
    together = 0

    with upload(served) as first, upload(served, jobs(ROWS + 1)) as second:
        while not (first.done() and second.done()):
            numbers.append(len(reading(served)))
            together += [entry["status"] for entry in served.get("/uploads")] == ["running"] * 2

    assert together
    assert max(numbers) == 1
    for status, account in (first.result(), second.result()):
        assert (status, account["read"], account["inserted"]) == (200, ROWS, ROWS)
    assert served.read("/tables/jobs.csv") == EXPORT + jobs(ROWS + 1).replace(b"\n", b"\r\n")


@on_sqlite
@pytest.mark.proves(
    "no process and no open file is left",
    "large files of which an upload takes the beginning alone",
    "the wait for the end of the process, the close of its place",
)
def test_upload_that_ends_early_leaves_no_process_and_no_open_file(
    serve: Serve, server: Server, rounds: Rounds
) -> None:
    served = start(serve, server, READERS_MAX="64")  # a place that is not given back is not missed
    worker = served.workers[0]
    most: float = math.inf

    def open_files() -> int:
        return len([*Path(f"/proc/{worker}/fd").iterdir()])

    for turn in rounds(6, 50):
        status, account = served.upload("jobs?max_rejects=0", b"0,a\nx,b\n" + FILE)
        until(lambda: not is_connected(served.port))

        assert (status, account["code"], account["rejected"]) == (422, "too_many_rejects", 1)
        assert started_by([worker]) == []
        until(lambda most=most: open_files() <= most)  # a connection that was shut down may be closed a moment later
        most = min(most, open_files()) if turn else most  # the first opens what is kept for the next


@on_sqlite
@pytest.mark.proves(
    "an upload that is being loaded is finished and answered",
    "SIGTERM of all processes of the service at once, in mid-upload of a large file",
    "the signals that are blocked as it starts",
)
@pytest.mark.parametrize("is_starting", [True, False], ids=["as the process starts", "later"])
def test_upload_is_finished_when_all_processes_are_told_to_stop(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds, is_starting: bool
) -> None:
    url = settings["DATABASE_URL"]
    for _ in rounds(1, 20):
        arguments = ("--graceful-timeout", str(PATIENCE), *server.arguments)
        served = serve(*arguments, launcher=["setsid"], WEB_CONCURRENCY="1").wait()
        with upload(served) as answer:
            until(lambda served=served: started_by(served.workers), pause=0)
            if not is_starting:
                until(lambda: rows_of(server, url), pause=0)
            os.killpg(served.process.pid, signal.SIGTERM)
        served.stop()

        status, account = answer.result()
        assert (status, account.get("detail"), account["inserted"]) == (200, None, ROWS)
        server.empty(url)


def peak_kib(process: int) -> int:
    """Return the most memory that a process has had, 0 where it has ended."""
    with suppress(OSError):
        status = Path(f"/proc/{process}/status").read_text()
        return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return 0


def grown_kib(served: Served, idle_kib: int, rows: int) -> int:
    """Return by how much a file of so many rows lets the service grow: its worker, and the process that reads it."""
    peaks = [0]
    file = b"".join(b"%d,Job %d\n" % (i, i) for i in range(1, rows + 1))
    with upload(served, file) as answer:
        while not answer.done():
            peaks += map(peak_kib, reading(served))
            time.sleep(0.005)

    assert answer.result()[1]["read"] == rows
    assert peaks[1:]
    return peak_kib(served.workers[0]) - idle_kib + max(peaks)


@on_sqlite
@pytest.mark.proves(
    "the worker's memory and that of the process that reads grow by less than 40 MB together, however large the file is",
    f"files of {FEW:,} and {MANY:,} records, read by a process of its own",
    "the bound on what that has read ahead",
)
def test_memory_of_worker_and_reading_does_not_grow_with_the_file(serve: Serve) -> None:
    served = serve(WEB_CONCURRENCY="1", READER_BYTES_MIN=str(MIB)).wait()
    served.upload("departments", b"1,Sales\n")
    idle_kib = peak_kib(served.workers[0])

    few, many = (grown_kib(served, idle_kib, rows) for rows in (FEW, MANY))

    assert few < 40 * 1024
    assert many < 40 * 1024
    assert many - few < 4 * 1024
