"""Waits for what is to come about."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 300
"""What takes so many seconds has not happened: for waits that end at once unless something is wrong."""

LONG = str(10 * PATIENCE)
"""A setting of the service's that ends nothing while a test goes on: who has to wait for it waits in vain."""

Found = TypeVar("Found")


def until(condition: Callable[[], Found], pause: float = 0.01) -> Found:
    """Return what a condition gives once that is true; fails where it never is."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"this did not come about in {PATIENCE} seconds"
        time.sleep(pause)
    return found
