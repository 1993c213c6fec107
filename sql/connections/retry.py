"""Transactions that are done again while the database is away for a moment, and never done twice."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from sql.connections.waits import add_retry, add_wait, waiting
from sql.errors import DatabaseBusy, DatabaseOutOfOrder, DatabaseUnavailable

Done = TypeVar("Done")

LOCK_WAITS = 4
"""On a server BUSY_TIMEOUT is so many waits for a lock: in between a transaction lets go of those that it holds."""

PAUSE_SECONDS = 0.05
PAUSE_SECONDS_MAX = 2.0


class Connection(Protocol):
    """What a transaction needs of a database's connection."""

    def transaction(self, durable: bool) -> AbstractContextManager[None]: ...


def transact(
    connection: Connection,
    work: Callable[[], Done],
    seconds: float,
    durable: bool = False,
    has_landed: Callable[[], bool] = lambda: False,
) -> Done:
    """Return what the work does in a transaction, and do it again where a deadlock or a cut connection undoes it.

    A COMMIT whose connection was cut may have landed: has_landed, called first in each further transaction, tells.
    The tries end `seconds` after the first that failed; raises the last DatabaseUnavailable, but
    DatabaseBusy and DatabaseOutOfOrder at once.
    """
    tried = False
    done: list[Done] = []

    def try_it() -> Done:
        nonlocal tried
        is_first, tried = not tried, True
        with connection.transaction(durable):
            if is_first or not has_landed():
                done[:] = [work()]
        return done[0]

    return retry(try_it, seconds)


def retry(work: Callable[[], Done], seconds: float) -> Done:
    """Return what the work does, tried again with growing pauses for `seconds` after the first try that failed."""
    deadline = None
    pause = PAUSE_SECONDS
    while True:
        begun = time.monotonic()
        try:
            return work()
        except (DatabaseBusy, DatabaseOutOfOrder):
            raise
        except DatabaseUnavailable as error:
            add_wait(time.monotonic() - begun)
            deadline = deadline or time.monotonic() + seconds
            wait = pause * random.uniform(0.5, 1)  # two that met in a deadlock are not to meet again
            if time.monotonic() + wait >= deadline:
                raise
            add_retry(error.code)
        with waiting():
            time.sleep(wait)
        pause = min(2 * pause, PAUSE_SECONDS_MAX)
