"""Who wants to write into the file: whoever waits longest goes next. SQLite lets whoever tries at the right moment."""

import math
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from typing import NamedTuple

from sql.errors import DatabaseBusy
from sql.sqlite.errors import BUSY, named_errors

TRY_SECONDS = (0.0005, 0.01)
"""So long is between two tries, where another process writes: at first, and at most."""

KEEP_SECONDS, KEEP_PART = 1.0, 1 / 4
"""While only long uploads wait, one of them keeps the turn for so many seconds, and for no more than this part of the
time that they may wait, divided by their number.
"""

RETURN_SECONDS = 0.005
"""A thread that keeps the turn comes back for it within this time, with its next batch, or loses it."""


class Waiting(NamedTuple):
    """A thread that waits for its turn, until its lock is released."""

    lock: Lock
    is_long: bool


class Writers:
    """The threads of a process that want to write, one after the other, in the order in which they asked.

    Long uploads among themselves write many batches in a turn: where two change after each batch, Python and SQLite
    take a fifth longer.

    Among processes SQLite decides. A lock under which one alone of all may try was tried, too: it made no difference.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_taken = False
        self._waiting: deque[Waiting] = deque()
        self._keeper: int | None = None  # the thread that has the turn and does not write at the moment
        self._began = self._left = 0.0  # when the turn began, and when its keeper wrote last

    @contextmanager
    def turn(self, connection: sqlite3.Connection, seconds: float, is_long: bool) -> Iterator[None]:
        """Begin a transaction in its turn, in which the block runs. Raises DatabaseBusy after so many seconds.

        is_long says that it is one of many transactions of an upload.
        """
        deadline = time.monotonic() + seconds
        self._take(deadline, is_long)
        try:
            _begin(connection, seconds, deadline)
            yield
        finally:
            self._give(min(KEEP_SECONDS, KEEP_PART * seconds) if is_long else 0)

    def _take(self, deadline: float, is_long: bool) -> None:
        with self._guard:
            is_keeper = self._keeper == get_ident()
            if not self._is_taken or is_keeper or (self._keeper and not is_long):
                self._is_taken, self._keeper = True, None
                self._began = self._began if is_keeper else time.monotonic()
                return
            mine = Waiting(Lock(), is_long)
            mine.lock.acquire()
            self._waiting.append(mine)
        look_seconds = RETURN_SECONDS if is_long else math.inf  # no one keeps the turn while a short one waits
        while not mine.lock.acquire(timeout=max(0, min(deadline - time.monotonic(), look_seconds))):
            with self._guard:
                if self._keeper and time.monotonic() > self._left + RETURN_SECONDS:
                    self._pass_on()
                elif time.monotonic() >= deadline and mine in self._waiting:
                    self._waiting.remove(mine)
                    raise _busy()

    def _give(self, keep_seconds: float) -> None:
        with self._guard:
            self._left = time.monotonic()
            if not self._waiting:
                self._is_taken = False
            elif self._are_long and self._left < self._began + keep_seconds / len(self._waiting):
                self._keeper = get_ident()
            else:
                self._pass_on()

    @property
    def _are_long(self) -> bool:
        """Whether only long uploads wait."""
        return all(waiting.is_long for waiting in self._waiting)

    def _pass_on(self) -> None:
        """Give the turn to whoever waits longest."""
        self._keeper, self._began = None, time.monotonic()
        self._waiting.popleft().lock.release()


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
