"""What a request has waited for its database, for the log: locks, connections, and tries that were undone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Waits:
    """Seconds that went by without any work done, how often something was tried again, and after which error last."""

    seconds: float = 0.0
    retries: int = 0
    code: str | None = None


COUNTED: ContextVar[Waits] = ContextVar("waits")
"""The waits of the request that a thread is at: who waits, deep below, is not told for whom."""


def count_waits() -> Waits:
    """Return what counts the waits of this thread, from now on and until this is called again."""
    waits = Waits()
    COUNTED.set(waits)
    return waits


@contextmanager
def waiting() -> Iterator[None]:
    """Count the block's time as a wait."""
    begun = time.monotonic()
    try:
        yield
    finally:
        add_wait(time.monotonic() - begun)


def add_wait(seconds: float) -> None:
    """Count seconds that have gone by."""
    if waits := COUNTED.get(None):
        waits.seconds += seconds


def add_retry(code: str | None) -> None:
    """Count a new try, after an error with the database's own code."""
    if waits := COUNTED.get(None):
        waits.retries += 1
        waits.code = code
