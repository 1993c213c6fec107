"""GET /metrics of several processes: any of them says the sums of all, those of dead ones with them."""

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from metrics import read, rows
from project import PROJECT
from prometheus_client.mmap_dict import MmapedDict
from served import Served, catches_signals
from servers.server import Server
from waits import until

from handlers.measure.folder import ALIVE, MEMORY, PREFIX, SETTING, make

Serve = Callable[..., Served]
ONLY_SQLITE = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
OUTCOMES = ("inserted", "updated", "skipped", "rejected")


def metrics(served: Served) -> str:
    return served.read("/metrics").decode()


def folder_of(served: Served) -> Path:
    """Return where the workers count."""
    (folder,) = MEMORY.glob(f"{PREFIX}{served.process.pid}-*")
    return folder


def worker_of_upload(served: Served) -> int:
    """Return the worker that is at an upload, by the gauge of its places."""
    for pid in served.workers:
        with suppress(FileNotFoundError):
            for key, value, *_ in MmapedDict.read_all_values_from_file(folder_of(served) / f"gauge_livesum_{pid}.db"):
                if "places_in_use" in key and '"uploads"' in key and value:
                    return pid
    return 0


def file_of(number: int) -> bytes:
    """Return a file with 30 ids of its own, one that all have, and two records that are refused."""
    own = "".join(f"{1000 * number + i},a\n" for i in range(30))
    return f"1,a\n{own}x,b\n{1000 * number + 99},\n".encode()


@pytest.mark.proves(
    "the sums of /metrics are those of the ledger, to the record",
    "SIGKILL of one of four workers, in mid-upload",
    "the counts of dead workers",
)
def test_sums_are_exact_also_where_a_worker_was_killed(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Callable[[int, int], range]
) -> None:
    served = serve(*server.arguments, WEB_CONCURRENCY="4", BATCH_ROWS="7", BUSY_TIMEOUT="60").wait()
    sent = 0

    for number in rounds(2, 20):
        with ThreadPoolExecutor() as pool, server.hold_at(settings["DATABASE_URL"], 1000 * (100 + number) + 20):
            broken = pool.submit(suppressed, served, file_of(100 + number))
            until(lambda: worker_of_upload(served))
            if server.name != "sqlite":  # there the broken one has the only write lock
                others = range(1000 + 8 * number, 1008 + 8 * number)
                assert [*pool.map(lambda n: served.upload("jobs", file_of(n))[0], others)] == [200] * 8
                sent += 8
            until(lambda: [found for found in served.get("/uploads?status=running") if found["read"] >= 14])
            until(lambda: total(rows(metrics(served))) == total(of_ledger(served)))  # the last batch is counted, too
            pid = worker_of_upload(served)
            os.kill(pid, signal.SIGKILL)
            assert broken.result() == 0
        until(lambda pid=pid: pid not in served.workers and len(served.workers) == 4)
        assert served.upload("jobs", file_of(100 + number))[0] == 200
        sent += 1

    found = metrics(served)
    assert rows(found) == of_ledger(served)
    assert total(rows(found)) == sum(upload["read"] for upload in served.get("/uploads?limit=1000"))
    assert sum(read(found, "loadbay_rejects_total").values()) == of_ledger(served)["jobs"]["rejected"]
    assert read(found, "loadbay_uploads_total") == {("finished", "jobs"): sent}
    assert read(found, "loadbay_places_in_use")["uploads",] == 0
    answered = "POST", "/upload/{table}", "200"  # a request is counted once its answer has gone out
    until(lambda: read(metrics(served), "loadbay_request_seconds_count").get(answered) == sent)
    alive = {f"{pid}.db" for pid in (*served.workers, served.process.pid, "dead")}
    until(lambda: {path.name.rpartition("_")[2] for path in folder_of(served).glob("*.db")} <= alive)


def of_ledger(served: Served) -> dict[str, dict[str, float]]:
    """Return how many records had each outcome, as the ledger has it."""
    uploads = served.get("/uploads?limit=1000")
    sums = {outcome: sum(upload[outcome] for upload in uploads) for outcome in OUTCOMES}
    return {"jobs": {outcome: records for outcome, records in sums.items() if records}}


def total(found: dict[str, dict[str, float]]) -> float:
    return sum(sum(outcomes.values()) for outcomes in found.values())


def suppressed(served: Served, file: bytes) -> int:
    """Send a file, and return the status, 0 where the connection broke off."""
    try:
        return served.upload("jobs", file)[0]
    except (OSError, urllib.error.URLError):
        return 0


@ONLY_SQLITE
def test_upload_under_way_is_seen(serve: Serve, server: Server, settings: dict[str, str]) -> None:
    served = serve(*server.arguments, WEB_CONCURRENCY="2", BATCH_ROWS="1").wait()
    file = b"".join(b"%d,%s\n" % (i, b"x" * 100) for i in range(1, 40))
    with ThreadPoolExecutor() as pool:
        with server.hold_at(settings["DATABASE_URL"], 20):
            done = pool.submit(served.upload, "jobs", file)
            until(lambda: served.get("/uploads") and served.get("/uploads/1")["read"] == 19)
            time.sleep(0.01)
            during = metrics(served)
        assert done.result()[0] == 200

    assert read(during, "loadbay_places_in_use")["uploads",] == 1
    assert read(during, "loadbay_spool_bytes")[()] == len(file)
    assert read(during, "loadbay_oldest_running_upload_seconds")[()] > 0
    after = metrics(served)
    assert (read(after, "loadbay_places_in_use")["uploads",], read(after, "loadbay_spool_bytes")[()]) == (0, 0)


@ONLY_SQLITE
def test_requests_are_counted_by_route_whatever_is_sent(serve: Serve) -> None:
    served = serve(WEB_CONCURRENCY="3").wait()
    for number in range(20):
        served.status(f"/tables/none-{number}.csv")
        served.status(f"/nowhere/{number}")
        request = urllib.request.Request(f"{served.url}/tables", method=f"METHOD{number}")
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(request)
    until(lambda: sum(read(metrics(served), "loadbay_problems_total").values()) >= 60)  # they are counted once answered

    found = metrics(served)

    counted = read(found, "loadbay_request_seconds_count")
    assert counted["GET", "/tables/{table}.csv", "404"] == counted["GET", "none", "404"] == 20
    assert {labels[0] for labels in counted} <= {"GET", "other"}
    assert len(counted) <= 7
    assert read(found, "loadbay_problems_total")["unknown_table",] == 20


@ONLY_SQLITE
def test_folder_goes_with_the_service_or_with_the_next_one(serve: Serve) -> None:
    killed = serve().wait()
    left = folder_of(killed)
    killed.kill()

    stopped = serve().wait()
    own = folder_of(stopped)
    served = serve().wait()

    assert not left.exists()
    assert own.exists()
    stopped.stop()
    assert not own.exists()
    assert read(metrics(served), "loadbay_database_up") == {(): 1}


def test_folder_is_not_removed_before_it_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process starts at the worst moment."""
    lock = fcntl.flock

    def lock_late(*arguments: Any) -> None:
        subprocess.run(
            [sys.executable, "-c", f"import {make.__module__} as folder; folder.make()"], check=True, cwd=PROJECT
        )
        lock(*arguments)

    monkeypatch.setenv(SETTING, "")
    monkeypatch.setattr(fcntl, "flock", lock_late)

    make()

    assert Path(os.environ[SETTING], ALIVE).exists()


@ONLY_SQLITE
def test_process_that_takes_over_counts_in_a_folder_of_its_own(serve: Serve) -> None:
    served = serve(WEB_CONCURRENCY="1").wait()
    old = folder_of(served)
    served.process.send_signal(signal.SIGUSR2)
    master = served.process.pid
    children = Path(f"/proc/{master}/task/{master}/children")
    new: Any = until(lambda: [pid for pid in children.read_text().split() if [*MEMORY.glob(f"{PREFIX}{pid}-*")]])
    until(lambda: catches_signals(int(new[0]), signal.SIGCHLD))

    os.kill(int(new[0]), signal.SIGTERM)

    until(lambda: not [*MEMORY.glob(f"{PREFIX}{new[0]}-*")])
    assert old.exists()
    assert read(metrics(served), "loadbay_database_up") == {(): 1}
