"""Who wants to write into the file: whoever waits longest goes next. SQLite lets whoever tries at the right moment."""

import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sql.errors import DatabaseBusy
from sql.sqlite.errors import BUSY, named_errors

TRY_SECONDS = (0.0005, 0.01)
"""So long is between two tries, where another process writes: at first, and at most."""


class Writers:
    """The threads of a process that want to write, one after the other, in the order in which they asked.

    Among processes SQLite decides. A lock under which one alone of all may try was tried, too: it made no difference.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_taken = False
        self._waiting: deque[Lock] = deque()

    @contextmanager
    def turn(self, connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
        """Begin a transaction in its turn, in which the block runs. Raises DatabaseBusy after so many seconds."""
        deadline = time.monotonic() + seconds
        self._take(seconds)
        try:
            _begin(connection, seconds, deadline)
            yield
        finally:
            self._give()

    def _take(self, seconds: float) -> None:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if not mine.acquire(timeout=seconds):
            with self._guard:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                    raise _busy()
            # It was given the turn in the last moment.

    def _give(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


def _begin(connection: sqlite3.Connection, seconds: float, deadline: float) -> None:
    """Begin a transaction with the write lock, by tries that are closer together than those of SQLite's own waiting."""
    connection.execute("PRAGMA busy_timeout = 0")
    pause, pause_max = TRY_SECONDS
    try:
        while not _begins(connection):
            if time.monotonic() >= deadline:
                raise _busy()
            time.sleep(pause)
            pause = min(pause * 1.1, pause_max)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def _begins(connection: sqlite3.Connection) -> bool:
    try:
        with named_errors():
            connection.execute("BEGIN IMMEDIATE")
    except DatabaseBusy:
        return False
    return True


def _busy() -> DatabaseBusy:
    return DatabaseBusy(BUSY, "SQLITE_BUSY")
