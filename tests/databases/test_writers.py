"""Which of the threads that wait for SQLite's write lock gets it next."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from servers import PATIENCE, until

from sql import Database, open_database
from sql.errors import DatabaseBusy

WRITERS = 6


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
