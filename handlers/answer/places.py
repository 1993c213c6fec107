"""Places for what may hold a thread for long, so that the other threads keep answering."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import chain
from threading import BoundedSemaphore

import falcon

from handlers.answer.problems import Problem
from handlers.measure.metrics import Metrics
from handlers.server.client import AT_ONCE_BYTES, client_of


class Places:
    """So many places for one kind of request, and the setting that gives their number. Those in use are counted."""

    def __init__(self, number: int, kind: str, setting: str, metrics: Metrics):
        self.number, self.kind = number, kind
        self._free = BoundedSemaphore(number)
        self._setting = setting
        self._in_use = metrics.places(kind)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for the block, or answer 503 if all are taken."""
        self._take()
        try:
            yield
        finally:
            self._give_back()

    def stream(self, req: falcon.Request, pieces: Generator[bytes]) -> "Stream":
        """Return the pieces of an answer, which holds a place until it is sent, or answer 503 if all are taken.

        The first piece is made here: what goes wrong with it has an answer of its own.
        """
        self._take()
        try:
            begun = chain([next(pieces)], pieces)
            if client := client_of(req):
                client.wait_elsewhere()
        except BaseException:
            self._give_back()
            raise
        return Stream(begun, pieces, self._give_back)

    def _take(self) -> None:
        if not self._free.acquire(blocking=False):
            raise no_place(self.kind, self._setting)
        self._in_use.inc()

    def _give_back(self) -> None:
        self._in_use.dec()
        self._free.release()


class Stream:
    """The pieces of an answer, which the server closes whether or not it has sent them (PEP 3333)."""

    def __init__(self, begun: Iterator[bytes], pieces: Generator[bytes], done: Callable[[], None]):
        self._begun = begun
        self._pieces = pieces
        self._done = done

    def __iter__(self) -> Iterator[bytes]:
        return self._begun

    def close(self) -> None:
        self._pieces.close()
        self._done()


def place_to_send(req: falcon.Request, size: int) -> None:
    """Take a place in which an answer of so many bytes may wait for its client, or answer 503 if all are taken.

    Without this a large answer would break off in its middle.
    """
    client = client_of(req)
    if client and size > AT_ONCE_BYTES and not client.take_place():
        raise no_place("large answers", "SENDS_MAX")


def no_place(kind: str, setting: str) -> Problem:
    sentence = f"all places for {kind} are taken ({setting}): try again later"
    return Problem("no_place", sentence, is_logged=True)
