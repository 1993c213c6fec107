"""Processes that are killed and disks that are full: what is stored is whole batches, and the ledger says which."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import faults_table
import pytest
from served import Served
from servers import SERVERS
from servers.server import LEDGER, ROW, Server, Step
from servers.throwaway import Throwaway
from waits import PATIENCE, until

ROWS = 200_000 if faults_table.LONG else 40_000
FILE = b"".join(b"%d,Job %d\n" % (i, i) for i in range(1, ROWS + 1))
EXPORT = b"id,job\r\n" + FILE.replace(b"\n", b"\r\n")

Serve = Callable[..., Served]
Rounds = Callable[[int, int], range]


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that keeps its data on disk, as servers do by default."""
    server = SERVERS[request.param]()
    server.durable = True
    server.start()
    yield server
    server.stop()


on_servers = pytest.mark.parametrize("server", ["postgresql", "mysql"], indirect=True)
on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


class Upload(threading.Thread):
    """Sends the file; .answer is its status and account, or None where the service has gone."""

    def __init__(self, served: Served):
        super().__init__()
        self.answer: tuple[int, dict[str, Any]] | None = None
        self._served = served
        self.start()

    def run(self) -> None:
        with suppress(OSError):
            self.answer = self._served.upload("jobs", FILE)


class State:
    """What is stored of the file, and what the ledger says of the latest upload, at one moment."""

    def __init__(self, server: Server, url: str):
        found = server.execute(
            url,
            'SELECT (SELECT count(*) FROM jobs), (SELECT coalesce(max(id), 0) FROM jobs), "read", inserted, status '
            "FROM uploads ORDER BY upload_id DESC LIMIT 1",
        )
        self.rows, self.last, self.read, self.inserted, self.status = found[0] if found else (0, 0, 0, 0, None)

    def check(self) -> None:
        """Assert that there are whole batches from the file's beginning, just those that the ledger has."""
        assert self.rows == self.last == self.inserted == self.read
        assert self.rows % 1000 == 0
        assert (self.status == "finished") == (self.rows == ROWS) or self.status == "running"


def empty(server: Server, url: str) -> None:
    server.execute(url, "DELETE FROM jobs", "DELETE FROM uploads")


def check_sound(server: Server, url: str) -> None:
    """Assert what the database itself can tell about its files."""
    if server.name == "sqlite":
        assert server.execute(url, "PRAGMA integrity_check") == [("ok",)]
    if server.name == "mysql":
        assert [row[3] for row in server.execute(url, "CHECK TABLE jobs, uploads")] == ["OK", "OK"]


def check_completed(served: Served, stored: int) -> None:
    """Send the file again, and assert that all of it is there then, each row once."""
    status, account = served.upload("jobs", FILE)

    assert status == 200
    assert account["read"] == account["inserted"] + account["skipped"] == ROWS
    # A batch whose COMMIT was on its way may have landed since.
    assert stored <= account["skipped"] <= stored + 1000
    assert account["skipped_duplicates"] == list(range(1, min(account["skipped"], 10_000) + 1))
    assert account["conflicts"] == []
    assert served.read("/tables/jobs.csv") == EXPORT


def wait_for(server: Server, url: str, rows: int) -> State:
    """Return what is stored once so many rows are, and assert at each look that it is whole batches."""

    def look() -> State | None:
        state = State(server, url)
        state.check()
        return state if state.rows >= rows else None

    return until(look)


@contextmanager
def held_upload(served: Served, server: Server, url: str, step: Step = ROW) -> Iterator[tuple[Upload, State]]:
    """An upload that waits in some batch for as long as the block lasts, and what is stored up to then."""
    before = random.randrange(1000, ROWS, 1000)
    number = before + (1000 if step is LEDGER else random.randint(1, 1000))
    with server.hold_at(url, number, step):
        upload = Upload(served)
        yield upload, wait_for(server, url, before)


@contextmanager
def running_upload(served: Served, server: Server, url: str) -> Iterator[tuple[Upload, State]]:
    """An upload that has come to some row, and goes on."""
    upload = Upload(served)
    yield upload, wait_for(server, url, random.randint(0, ROWS))


@pytest.mark.proves(
    "whole batches, a true ledger, and the file sent again completes it", "SIGKILL of the worker, and of the whole service, in mid-upload",
    "the ledger's row in the transaction of each batch",
)  # fmt: skip
def test_killed_service_leaves_whole_batches_and_a_true_ledger(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds
) -> None:
    url = settings["DATABASE_URL"]
    served = serve(*server.arguments, WEB_CONCURRENCY="1").wait()
    for number in rounds(4, 50):
        is_held = number % 4 < 2
        with (held_upload if is_held else running_upload)(served, server, url) as (upload, before):
            if number % 2:
                served.kill()
                served = serve(*server.arguments, WEB_CONCURRENCY="1")
            else:
                os.kill(served.workers[0], signal.SIGKILL)
            upload.join()
            state = State(server, url)
        served.wait()

        state.check()
        check_sound(server, url)
        assert upload.answer is None or state.rows == ROWS
        assert not is_held or (upload.answer is None and state.rows == before.rows < ROWS)
        check_completed(served, state.rows)
        empty(server, url)


@on_servers
@pytest.mark.proves(
    "an upload goes on, and each row is stored and counted once", "the database server killed and restarted in mid-upload",
    "the new try of a transaction",
)  # fmt: skip
def test_upload_goes_on_when_its_database_server_was_killed_and_is_back(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds
) -> None:
    url = settings["DATABASE_URL"]
    served = serve(BUSY_TIMEOUT=str(PATIENCE)).wait()
    for number in rounds(2, 20):
        with (running_upload if number % 2 else held_upload)(served, server, url) as (upload, _):
            server.kill()
            server.restart()
            upload.join()

        assert upload.answer is not None
        status, account = upload.answer
        assert (status, account["inserted"], account["skipped"]) == (200, ROWS, 0)
        upload_id = account["upload_id"]
        assert served.get(f"/uploads/{upload_id}")["status"] == "finished"
        check_sound(server, url)
        check_completed(served, ROWS)
        empty(server, url)


@on_servers
@pytest.mark.proves(
    "a 503 with the counts so far; the file sent again completes it", "the database server killed, and back later than BUSY_TIMEOUT",
    "the account in the answer",
)  # fmt: skip
def test_upload_whose_database_server_stays_away_says_how_far_it_came(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds
) -> None:
    url = settings["DATABASE_URL"]
    served = serve(BUSY_TIMEOUT="1").wait()
    for _ in rounds(2, 20):
        with held_upload(served, server, url) as (upload, before):
            server.kill()
            upload.join()
            away = served.status("/health")
            server.restart()
        served.wait()

        assert away == 503
        assert upload.answer is not None
        status, account = upload.answer
        state = State(server, url)
        assert status == 503
        assert before.read - 1000 <= account["read"] <= before.read  # the answer to the last COMMIT may be on its way
        assert state.read <= before.read
        if server.name == "mysql":  # PostgreSQL has batches on disk a moment after their COMMIT
            assert state.read >= account["read"]
        state.check()
        check_sound(server, url)
        check_completed(served, state.rows)
        empty(server, url)


@pytest.mark.proves(
    "an upload that is being loaded is finished and answered", "SIGTERM of the service in mid-upload", "the graceful stop",
)  # fmt: skip
def test_upload_is_finished_when_the_service_is_told_to_stop(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds
) -> None:
    url = settings["DATABASE_URL"]
    for _ in rounds(2, 10):
        served = serve("--graceful-timeout", str(PATIENCE), *server.arguments, WEB_CONCURRENCY="1").wait()
        with held_upload(served, server, url) as (upload, _):
            served.process.terminate()
            until(lambda served=served: not served.status("/health", timeout=1))  # it takes no more requests
        upload.join()
        served.stop()

        assert upload.answer is not None
        assert upload.answer[0] == 200
        assert upload.answer[1]["inserted"] == ROWS
        assert State(server, url).status == "finished"
        empty(server, url)


@pytest.mark.proves(
    "it ends at a batch, with a true ledger, and the file sent again completes it", "SIGTERM in an upload that is longer than the graceful timeout",
    "the ledger's row in the transaction of each batch",
)  # fmt: skip
def test_upload_longer_than_the_graceful_timeout_ends_at_a_batch(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds
) -> None:
    url = settings["DATABASE_URL"]
    for _ in rounds(1, 5):
        served = serve("--graceful-timeout", "1", *server.arguments).wait()
        with held_upload(served, server, url, LEDGER) as (upload, before):
            served.stop()
            upload.join()
            state = State(server, url)

        assert upload.answer is None
        assert 0 < state.rows == state.last == state.inserted == state.read == before.rows < ROWS
        assert state.status == "running"
        check_completed(serve(*server.arguments).wait(), state.rows)
        empty(server, url)


@pytest.mark.proves(
    "it waits for the other writer, and is stored", "the database held by another process for a second",
    "the busy timeout",
)  # fmt: skip
def test_upload_waits_for_another_writer(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds
) -> None:
    url = settings["DATABASE_URL"]
    served = serve().wait()
    for _ in rounds(1, 10):
        with server.hold(url) as held:
            upload = Upload(served)
            if isinstance(server, Throwaway):
                server.wait_for_another(held)
            time.sleep(1)
            assert upload.is_alive()
            assert served.get("/uploads") == [] or server.name != "sqlite"
        upload.join()

        assert upload.answer is not None
        assert upload.answer[0] == 200
        assert upload.answer[1]["inserted"] == ROWS
        empty(server, url)


@pytest.mark.proves(
    "503, reports go on, and it is stored later", "the database held by another process for longer than BUSY_TIMEOUT",
    "the error of a busy database",
)  # fmt: skip
def test_upload_is_a_503_while_another_writer_stays(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Rounds
) -> None:
    url = settings["DATABASE_URL"]
    served = serve(BUSY_TIMEOUT="30" if faults_table.LONG else "1").wait()
    for _ in rounds(1, 2):
        with server.hold(url):
            upload = Upload(served)
            while upload.is_alive():
                assert served.get("/stats/data-quality")

        assert upload.answer is not None
        status, account = upload.answer
        assert (status, account["detail"]) == (503, "the database is busy with another writer")
        assert account.get("inserted", 0) == 0
        check_completed(served, 0)
        empty(server, url)


@on_sqlite
@pytest.mark.proves(
    "reads are answered, uploads are a 503 until it is free", "the database held by another process at the start",
    "the look at what is missing before a lock is taken",
)  # fmt: skip
def test_service_starts_while_another_writer_holds_the_database(
    serve: Serve, server: Server, settings: dict[str, str]
) -> None:
    serve().wait().stop()
    with server.hold(settings["DATABASE_URL"]):
        served = serve(BUSY_TIMEOUT="1").wait()
        reads = [served.status(path) for path in ("/tables", "/tables/jobs.csv", "/uploads", "/stats/data-quality")]
        answer = served.upload("jobs", b"1,a\n")

    assert reads == [200] * 4
    assert (answer[0], answer[1]["detail"]) == (503, "the database is busy with another writer")
    assert served.upload("jobs", b"1,a\n")[0] == 200


@on_sqlite
@pytest.mark.proves(
    "reads are answered, and the first upload turns the WAL on", "a file without a WAL, held by another process at the start",
    "the WAL only before the first write",
)  # fmt: skip
def test_service_reads_a_file_without_a_wal_that_another_writer_holds(
    serve: Serve, server: Server, settings: dict[str, str]
) -> None:
    url = settings["DATABASE_URL"]
    serve().wait().stop()
    assert server.execute(url, "PRAGMA journal_mode = DELETE") == [("delete",)]
    with server.hold(url):
        served = serve(BUSY_TIMEOUT="1").wait()
        reads = [served.status(path) for path in ("/tables", "/tables/jobs.csv", "/uploads", "/stats/data-quality")]
        answer = served.upload("jobs", b"1,a\n")

    assert reads == [200] * 4
    assert (answer[0], answer[1]["detail"]) == (503, "the database is busy with another writer")
    assert served.upload("jobs", b"1,a\n")[0] == 200
    assert server.execute(url, "PRAGMA journal_mode") == [("wal",)]
