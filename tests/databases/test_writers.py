"""Which of the threads that wait for SQLite's write lock gets it next."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from waits import PATIENCE, until

from sql import Database, open_database
from sql.errors import DatabaseBusy
from sql.sqlite import writers
from sql.sqlite.connection import SHORT_BATCHES

WRITERS = 6

TRANSACTIONS = 500

FOR_EVER = 10 * PATIENCE


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/loadbay.db"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = open_database(url, busy_timeout=int(PATIENCE))
    yield database
    database.close()


def test_threads_write_in_the_order_in_which_they_asked(database: Database) -> None:
    begun: list[int] = []
    may_end = Event()

    def write(number: int) -> None:
        with database.connection() as connection, connection.transaction():
            begun.append(number)
            may_end.wait(PATIENCE)

    with ThreadPoolExecutor(WRITERS) as pool:
        for number in range(WRITERS):
            pool.submit(write, number)
            until(lambda asked=number: len(begun) + waiting(database) > asked)
        may_end.set()

    assert begun == [*range(WRITERS)]


def waiting(database: Database) -> int:
    """Return how many threads wait for the lock."""
    with database.connection() as connection:
        return len(connection._writers._waiting)


def write_many(connection: Any, number: int) -> None:
    for _ in range(number):
        with connection.transaction():
            pass


def keep_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "KEEP_SECONDS", FOR_EVER)
    monkeypatch.setattr(writers, "KEEP_PART", FOR_EVER)


def load(database: Database, written: list[str], name: str, together: Barrier, may_end: Callable[[], bool]) -> None:
    """Write as a long upload does, and note its name with each transaction from when all are together."""
    with database.connection() as connection:
        write_many(connection, SHORT_BATCHES)
        together.wait(PATIENCE)
        while not may_end():
            with connection.transaction():
                written.append(name)
                time.sleep(0.0005)  # lets others come while it writes


def test_two_long_uploads_change_seldom(database: Database) -> None:
    written: list[str] = []
    together = Barrier(2)

    with ThreadPoolExecutor(2) as pool:
        for name in "ab":
            has_enough = partial(lambda name: written.count(name) == TRANSACTIONS, name)
            pool.submit(load, database, written, name, together, has_enough)

    changes = sum(one != other for one, other in pairwise(written))
    assert written.count("a") == written.count("b") == TRANSACTIONS
    assert changes < TRANSACTIONS / 10


@pytest.mark.parametrize("number", [2, WRITERS])
def test_long_uploads_change_before_one_has_waited_for_too_long(
    url: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "KEEP_SECONDS", FOR_EVER)
    database = open_database(url, busy_timeout=8)
    written: list[str] = []
    names = "abcdef"[:number]
    together = Barrier(number)

    with ThreadPoolExecutor(number) as pool:
        ends: list[Future[None]] = []

        def has_enough() -> bool:
            return len({*written}) == number or any(end.done() for end in ends)

        for name in names:
            ends.append(pool.submit(load, database, written, name, together, has_enough))
        for end in ends:
            end.result()
    database.close()

    assert {*written} == {*names}


def test_short_upload_goes_in_between_two_long_ones(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_for_ever(monkeypatch)
    written: list[str] = []
    together = Barrier(2)

    with ThreadPoolExecutor(2) as pool:
        for name in "ab":
            pool.submit(load, database, written, name, together, lambda: "short" in written)
        until(lambda: written and waiting(database))
        with database.connection() as connection:
            write_many(connection, SHORT_BATCHES)
        written.append("short")

    assert {*written} == {"a", "b", "short"}


@contextmanager
def kept(database: Database, written: list[str]) -> Iterator[None]:
    """Let this thread keep the turn of a long upload, which it does not come back for, while another one waits."""
    with ThreadPoolExecutor(1) as pool, database.connection() as connection:
        write_many(connection, SHORT_BATCHES)
        together = Barrier(2)
        pool.submit(load, database, written, "waits", together, lambda: bool(written))
        until(lambda: together.n_waiting)
        with connection.transaction():
            together.wait()
            until(lambda: waiting(database))
        yield


def test_long_upload_that_has_ended_keeps_no_turn(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_for_ever(monkeypatch)
    written: list[str] = []

    with kept(database, written):
        pass

    assert written == ["waits"]


def test_short_upload_takes_a_turn_that_is_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_for_ever(monkeypatch)
    monkeypatch.setattr(writers, "RETURN_SECONDS", FOR_EVER)
    written: list[str] = []

    def write() -> None:
        with database.connection() as connection:
            write_many(connection, 1)

    with kept(database, written), ThreadPoolExecutor(1) as pool:
        pool.submit(write).result()

    assert written == ["waits"]


def test_writer_that_waits_for_too_long_is_told_so_and_the_next_one_writes(url: str, database: Database) -> None:
    impatient = open_database(url, busy_timeout=0)
    with (
        database.connection() as connection,
        connection.transaction(),
        impatient.connection() as late,
        pytest.raises(DatabaseBusy),
        late.transaction(),
    ):
        pass
    with impatient.connection() as connection, connection.transaction():
        pass
    impatient.close()
