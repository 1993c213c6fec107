"""Lambda load: a file that is delivered again after its function was killed, stopped, out of time or without its database."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import pytest
from functions import aws, start
from runtime import Function
from s3 import Aws
from servers.server import Server
from servers.throwaway import Throwaway
from stopping import stopped_between_batches
from waits import until
from web_client import Client

pytestmark = [pytest.mark.aws, pytest.mark.parametrize("server", ["postgresql", "mysql"], indirect=True)]

LOAD = "aws.load.handler"
DONE: dict[str, Any] = {"batchItemFailures": []}
AGAIN = {"batchItemFailures": [{"itemIdentifier": "059f36b4-87a3-44ab-83d2-661975830a7d"}]}
COUNTS = ("read", "inserted", "updated", "skipped", "rejected", "conflicts")

Start = Callable[..., Function]
Expect = Callable[[bytes], Callable[..., None]]
Hold = Callable[[int], AbstractContextManager[None]]


def file_of(records: int, refused: bool) -> bytes:
    """Return a file; where refused is true 3 % of its records are, and 2 % have an id that came before."""

    def record(i: int) -> str:
        if refused and i % 33 == 0:
            return f"x{i},no"
        return f"{i - 40 if refused and i % 50 == 49 else i},Job {i}"

    return "".join(f"{record(i)}\n" for i in range(1, records + 1)).encode()


SHORT = [pytest.param(file_of(60, refused), id="with refused" if refused else "sound") for refused in (False, True)]
LONG = [pytest.param(file_of(20_000, refused), id="with refused" if refused else "sound") for refused in (False, True)]
SECONDS = 5
"""What a function has for an event whose time is to pass: far more than it takes to come to the record it is held at."""

NEAR_END = 19_801
"""A record of a long file that is stored: held there, a function cannot be done before a test has come to it."""


@pytest.fixture
def hold(server: Server, settings: dict[str, str]) -> Hold:
    """What lets a function wait before a record for as long as a block lasts."""
    return partial(server.hold_at, settings["DATABASE_URL"])


@pytest.fixture
def expect(client: Client) -> Expect:
    """What returns, of a file, what asserts that it was loaded once, as one upload that nothing kept from it."""

    def of(file: bytes, **options: str) -> Callable[..., None]:
        account = client.upload("jobs", file, dry_run="true", **options)
        rejects = client.app.get("/uploads/1/rejects.csv").text
        ids = ids_of(client, 1)

        def check(status: str = "finished") -> None:
            upload, _ = client.get("/uploads")
            assert upload["status"] == status
            assert {name: upload[name] for name in COUNTS} == {
                **{name: account[name] for name in COUNTS[:-1]},
                "conflicts": len(account["conflicts"]),
            }
            assert client.app.get("/uploads/2/rejects.csv").text == rejects
            assert ids_of(client, 2) == ids
            assert client.rows("jobs") == stored_of(file)

        return check

    return of


def ids_of(client: Client, upload_id: int) -> list[str]:
    """Return the lines of an upload's ids.csv, whatever its batches were."""
    return sorted(client.app.get(f"/uploads/{upload_id}/ids.csv").text.splitlines())


def stored_of(file: bytes) -> list[list[str]]:
    """Return the rows that a file leaves in an empty table."""
    rows: dict[int, str] = {}
    for line in file.decode().splitlines():
        key, job = line.split(",")
        if key.isdigit():
            rows.setdefault(int(key), job)
    return [[str(key), job] for key, job in sorted(rows.items())]


def read(client: Client) -> int:
    """Return how many records the ledger has of the upload that is loaded, 0 where there is none yet."""
    newest = client.get("/uploads?limit=1")[0]
    return newest["read"] if newest["upload_id"] == 2 else 0


def let_time_pass(load: Function, event: dict[str, Any], held: AbstractContextManager[None]) -> None:
    """Send an event, and let the function wait until the time that it may take is over."""
    with held:
        load.send(event, seconds=60 + SECONDS)
        until(lambda: time.time() > load.deadline - 60)


@pytest.mark.parametrize("file", LONG)
def test_same_message_twice_loads_once(aws: Aws, start: Start, expect: Expect, file: bytes) -> None:
    check, event, load = expect(file), aws.put("incoming/jobs/it.csv", file), start(LOAD)

    assert [load.invoke(event), load.invoke(event)] == [DONE, DONE]
    check()


@pytest.mark.parametrize("file", SHORT)
@pytest.mark.parametrize("number", [1, 2, 31, 58])
def test_two_functions_at_once_load_once(
    aws: Aws, start: Start, client: Client, hold: Hold, expect: Expect, file: bytes, number: int
) -> None:
    check, event = expect(file), aws.put("incoming/jobs/it.csv", file)
    one, other = start(LOAD, BATCH_ROWS="1"), start(LOAD, BATCH_ROWS="7")

    with hold(number):
        one.send(event)
        until(lambda: client.get("/uploads?limit=1")[0]["upload_id"] == 2 and read(client) >= number - 1)
        other.send(event)
        until(lambda: "aws" in other.printed() or other.process.poll() is None)
        time.sleep(0.5)
    answers = [one.answer(), other.answer()]

    assert answers == [DONE, DONE]
    check()


@pytest.mark.parametrize("file", LONG)
def test_function_that_is_killed_at_any_moment_goes_on_with_the_next_delivery(
    aws: Aws, start: Start, client: Client, hold: Hold, expect: Expect, file: bytes
) -> None:
    check, event = expect(file), aws.put("incoming/jobs/it.csv", file)
    moments = random.Random(5)

    with hold(NEAR_END):
        for _ in range(5):
            load, before = start(LOAD, BATCH_ROWS=str(moments.choice((7, 50, 333)))), read(client)
            enough = min(before + moments.randrange(1, 1000), NEAR_END - 1000)
            load.send(event)
            until(lambda enough=enough: read(client) >= enough)
            time.sleep(moments.random() / 200)  # any moment of a batch
            load.kill()
    left = client.get("/uploads/2")

    assert start(LOAD).invoke(event) == DONE
    assert (left["status"], left["read"] < 20_000) == ("running", True)
    check()


@pytest.mark.parametrize("file", LONG)
def test_function_that_stood_still_and_was_overtaken_changes_nothing(
    aws: Aws,
    start: Start,
    client: Client,
    server: Server,
    settings: dict[str, str],
    hold: Hold,
    expect: Expect,
    file: bytes,
) -> None:
    check, event = expect(file), aws.put("incoming/jobs/it.csv", file)
    one, other = start(LOAD, BATCH_ROWS="10"), start(LOAD, BATCH_ROWS="100")

    with hold(NEAR_END):
        one.send(event)
        until(lambda: read(client) > 100)
        with stopped_between_batches(one.process.pid, server, settings["DATABASE_URL"]):
            before = read(client)
            other.send(event)
            until(lambda: read(client) > before)
        overtaken = one.answer()  # while the other is still at it

    assert [overtaken, other.answer()] == [DONE, DONE]
    assert one.logged()[-1]["code"] == "Overtaken"
    check()


@pytest.mark.parametrize("file", SHORT)
def test_function_without_time_gives_the_message_back_and_goes_on_with_the_next(
    aws: Aws, start: Start, client: Client, hold: Hold, expect: Expect, file: bytes
) -> None:
    check, event = expect(file), aws.put("incoming/jobs/it.csv", file)
    load, counts = start(LOAD, BATCH_ROWS="7", RESERVE_MS="60000"), []

    for number in (1, 31):
        let_time_pass(load, event, hold(number))
        assert load.answer() == AGAIN
        counts.append(read(client))
        assert client.get("/uploads/2")["status"] == "running"

    assert counts == [7, 35]
    assert load.invoke(event) == DONE
    check()


@pytest.mark.parametrize("way", ["atomic", "dry_run"])
def test_whole_file_without_time_ends_as_stopped(aws: Aws, start: Start, client: Client, hold: Hold, way: str) -> None:
    event = aws.put("incoming/jobs/it.csv", file_of(60, False), **{way: "true"})
    load = start(LOAD, BATCH_ROWS="7", RESERVE_MS="60000")

    let_time_pass(load, event, hold(31))
    answer = load.answer()
    [upload] = client.get("/uploads")

    assert answer == DONE
    assert (upload["status"], upload["code"], upload["read"]) == ("stopped", "out_of_time", 35)
    assert "without atomic and dry_run" in upload["reason"]
    assert client.rows("jobs") == []
    assert load.invoke(event) == DONE
    assert client.get("/uploads") == [upload]


@pytest.mark.parametrize("file", LONG)
def test_message_comes_back_while_the_database_is_away(
    aws: Aws, start: Start, client: Client, server: Throwaway, hold: Hold, expect: Expect, file: bytes
) -> None:
    check, event = expect(file), aws.put("incoming/jobs/it.csv", file)
    load = start(LOAD, BATCH_ROWS="10", BUSY_TIMEOUT="1")
    with hold(NEAR_END):
        load.send(event)
        until(lambda: read(client) > 500)
        server.kill()

    answers = [load.answer(), load.invoke(event)]
    server.restart()
    until(lambda: client.app.get("/health", expect_errors=True).status_int == 200)
    left = client.get("/uploads/2")
    answers.append(load.invoke(event))

    assert answers == [AGAIN, AGAIN, DONE]
    assert left["status"] == "running"
    assert "Job" not in load.printed()
    check()
