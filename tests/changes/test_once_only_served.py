"""One key in many hands: two at once, services that are stopped, killed and overtaken. Each row is stored and counted once."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import pytest
from served import Served
from servers.server import Server
from stopping import stopped_between_batches
from waits import until

RECORDS = 60
SOUND = b"".join(b"%d,Job\n" % i for i in range(1, RECORDS + 1))
WITH_REFUSED = b"".join(b"%d,Job\n" % (i if i % 7 else 1) + b"x%d,no\n" % i for i in range(1, RECORDS // 2 + 1))
"""Every seventh sound record has the id of the first, and behind each stands a record that is refused."""

Serve = Callable[..., Served]


def send(served: Served, file: bytes, query: str = "", key: str = "one") -> tuple[int, dict[str, Any]]:
    """Send a file with a key, and return the status and the answer, status 0 where none came."""
    try:
        return served.upload(f"jobs{query}", file, **{"Idempotency-Key": key})
    except OSError:
        return 0, {}


def whole(served: Served, file: bytes) -> dict[str, Any]:
    """Return the account that the file has where nothing is stored yet, as the upload 2."""
    urls = {"upload_id": 2, "ids_url": "/uploads/2/ids.csv", "rejects_url": "/uploads/2/rejects.csv"}
    return served.upload("jobs?dry_run=true", file)[1] | {"dry_run": False} | urls


def stored(served: Served) -> list[int]:
    return [int(line.split(b",")[0]) for line in served.read("/tables/jobs.csv").split()[1:]]


def ids(file: bytes) -> list[int]:
    """Return the ids of a file's sound records."""
    return sorted({int(line.split(b",")[0]) for line in file.split() if line[:1].isdigit()})


def check(served: Served, file: bytes, expected: dict[str, Any]) -> None:
    """Assert that the upload 2 is the only one that stored anything, and is answered again as it was."""
    assert send(served, file) == (200, expected)
    assert [upload["upload_id"] for upload in served.get("/uploads")] == [2, 1]
    upload = served.get("/uploads/2")
    assert {name: upload[name] for name in ("read", "inserted", "skipped", "rejected")} == {
        name: expected[name] for name in ("read", "inserted", "skipped", "rejected")
    }
    assert stored(served) == ids(file)
    assert served.read("/uploads/2/rejects.csv").count(b"\n") == 1 + expected["rejected"]
    outcomes = [line.split(b",")[1] for line in served.read("/uploads/2/ids.csv").split()[1:]]
    assert outcomes.count(b"inserted") == expected["inserted"]
    assert len(outcomes) == expected["inserted"] + expected["skipped"]


def interrupt(server: Server, url: str) -> None:
    """Let the ledger look as if the last batch was more than a minute ago."""
    server.execute(url, "UPDATE uploads SET updated_at = '2026-01-01T00:00:00' WHERE upload_id = 2")


@pytest.mark.parametrize(("file", "number"), [(SOUND, 1), (WITH_REFUSED, 2), (WITH_REFUSED, 25)])
@pytest.mark.proves(
    "one stores it and gets the account, the other a 409 or the account", "the same file with one key, sent by two at once",
    "the claim of the key",
)  # fmt: skip
def test_two_at_once_with_one_key_load_once(
    serve: Serve, server: Server, settings: dict[str, str], file: bytes, number: int
) -> None:
    served = serve(*server.arguments, BATCH_ROWS="1").wait()
    expected = whole(served, file)
    with ThreadPoolExecutor() as pool:
        with server.hold_at(settings["DATABASE_URL"], number):
            first = pool.submit(send, served, file)
            until(lambda: stored(served) == [i for i in ids(file) if i < number] and len(served.get("/uploads")) == 2)
            second = pool.submit(send, served, file)
            if server.name != "sqlite":  # there it waits for the only write lock
                until(lambda: second.done() or len(served.get("/uploads")) > 2)
        answers = [first.result(), second.result()]

    assert answers[0] == (200, expected)
    assert answers[1] == answers[0] or (answers[1][0], answers[1][1]["code"], answers[1][1]["upload_id"]) == (
        409, "still_running", 2
    )  # fmt: skip
    check(served, file, expected)


@pytest.mark.proves(
    "one stores it and gets the account, the other a 409 or the account", "the same file with one key, sent by two at once",
    "the claim of the key",
)  # fmt: skip
def test_eight_that_begin_at_one_moment_with_one_key_load_once(
    serve: Serve, rounds: Callable[[int, int], range]
) -> None:
    served = serve(BUSY_TIMEOUT="60").wait()
    barrier = Barrier(8)

    def send_together(key: str, file: bytes) -> tuple[int, dict[str, Any]]:
        barrier.wait()
        return send(served, file, key=key)

    with ThreadPoolExecutor(8) as pool:
        for turn in rounds(5, 100):
            file = b"".join(b"%d,Job\n" % (turn * 100 + i) for i in range(100))
            answers = [done.result() for done in [pool.submit(send_together, f"{turn}", file) for _ in range(8)]]
            accounts = [answer for status, answer in answers if status == 200]
            assert {(status, answer.get("code")) for status, answer in answers} <= {(200, None), (409, "still_running")}
            assert accounts
            assert all(account == accounts[0] and account["inserted"] == 100 for account in accounts)

    assert len(served.get("/uploads")) == turn + 1


@contextmanager
def held(served: Served, server: Server, url: str, file: bytes, number: int, query: str = "") -> Iterator[None]:
    """An upload that waits before the row of an id, for as long as the block lasts."""
    with ThreadPoolExecutor() as pool, server.hold_at(url, number):
        pool.submit(send, served, file, query)
        until(
            lambda: (
                len(served.get("/uploads")) == 2 and (query or stored(served) == [i for i in ids(file) if i < number])
            )
        )
        yield


@pytest.mark.parametrize(
    ("file", "batch_rows", "number"), [(WITH_REFUSED, "1", 3), (WITH_REFUSED, "7", 17), (SOUND, "1000", 24)]
)
@pytest.mark.proves(
    "sent again with its key it goes on, and its account says the whole file", "SIGKILL of the service in mid-upload",
    "the passing over of what the ledger has read",
)  # fmt: skip
def test_upload_that_a_killed_service_left_goes_on_with_its_key(
    serve: Serve, server: Server, settings: dict[str, str], file: bytes, batch_rows: str, number: int
) -> None:
    url = settings["DATABASE_URL"]
    served = serve(*server.arguments, BATCH_ROWS="1").wait()
    expected = whole(served, file)
    with held(served, server, url, file, number):
        served.kill()

    again = serve(*server.arguments, BATCH_ROWS=batch_rows).wait()
    left = again.get("/uploads/2")
    meanwhile = send(again, file)
    interrupt(server, url)
    status, answer = send(again, file)

    assert left["status"] in ("running", "interrupted")
    assert 0 < left["inserted"] < expected["inserted"]
    assert meanwhile[0] == 409
    assert (status, answer) == (200, expected)
    check(again, file, expected)


@pytest.mark.parametrize("query", ["?atomic=true", "?dry_run=true", "?on_conflict=update"])
def test_upload_of_another_kind_that_a_killed_service_left_goes_on_with_its_key(
    serve: Serve, server: Server, settings: dict[str, str], query: str
) -> None:
    url = settings["DATABASE_URL"]
    served = serve(*server.arguments, BATCH_ROWS="1").wait()
    served.upload("jobs", b"1,Clerk\n")
    file = SOUND + b"3,another\n"
    with held(served, server, url, file, 5, query):
        served.kill()

    again = serve(*server.arguments, BATCH_ROWS="2").wait()
    interrupt(server, url)
    status, answer = send(again, file, query)

    updated = 2 if "update" in query else 0
    assert status == 200
    assert [answer[name] for name in ("upload_id", "read", "inserted", "updated", "skipped")] == [
        2, RECORDS + 1, RECORDS - 1, updated, 2 - updated
    ]  # fmt: skip
    assert send(again, file, query) == (status, answer)
    assert len(stored(again)) == (1 if "dry_run" in query else RECORDS)


LONG_FILE = b"".join(b"%d,Job\nx%d,no\n" % (i, i) for i in range(1, 1501))


@pytest.mark.proves(
    "whoever sends it again with its key goes on; the stopped one gets a 409, and each row is stored and counted once",
    "SIGSTOP of the worker in mid-upload, and SIGCONT once another service has gone on", "the fence",
)  # fmt: skip
def test_load_that_was_stopped_and_overtaken_ends_with_a_409(
    serve: Serve, server: Server, settings: dict[str, str]
) -> None:
    url = settings["DATABASE_URL"]
    settings |= {"BATCH_ROWS": "1", "MAX_REJECTS": "100000", "BUSY_TIMEOUT": "60"}
    stopped = serve(*server.arguments, "--timeout", "0", WEB_CONCURRENCY="1").wait()
    other = serve(*server.arguments).wait()
    expected = whole(other, LONG_FILE)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(send, stopped, LONG_FILE)
        until(lambda: len(uploads := other.get("/uploads")) == 2 and uploads[0]["read"] > 50)
        worker = stopped.workers[0]
        with stopped_between_batches(worker, server, url):
            number = other.get("/uploads/2")["read"] // 2 + 50
            with server.hold_at(url, number):
                interrupt(server, url)
                second = pool.submit(send, other, LONG_FILE)
                until(lambda: number - 1 in stored(other))
                os.kill(worker, signal.SIGCONT)  # while the other is still running
                if server.name != "sqlite":  # there the other has the only write lock
                    first.result()
        overtaken, answer = first.result(), second.result()

    assert answer == (200, expected)
    assert (overtaken[0], overtaken[1]["code"], overtaken[1]["upload_id"]) == (409, "overtaken", 2)
    assert 50 < overtaken[1]["read"] < 2 * number
    assert overtaken[1]["read"] == overtaken[1]["inserted"] + overtaken[1]["rejected"]
    check(other, LONG_FILE, expected)
