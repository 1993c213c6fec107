"""The socket of a client: a thread waits for it in a place of SENDS_MAX, and no longer than the client deserves."""

import errno
import select
import time
from contextlib import suppress
from socket import IPPROTO_TCP, MSG_DONTWAIT, TCP_NOTSENT_LOWAT, socket
from threading import BoundedSemaphore
from typing import Any, NamedTuple

import falcon

AT_ONCE_BYTES = 256 * 1024
"""So much of an answer waits in the system for its client, so that no thread has to: tcp(7), TCP_NOTSENT_LOWAT.

The system says no sooner that it takes more, so this is also how exactly a slow client is seen to take any.
"""


class Sends(NamedTuple):
    """What all answers of a worker may ask of its threads: places, seconds, and bytes a second."""

    places: BoundedSemaphore
    timeout: float
    rate_min: int


class ClientGone(BrokenPipeError):
    """The client takes its answer too slowly, or no place is left in which to wait for it."""

    def __init__(self, why: str):
        super().__init__(errno.EPIPE, why)


class ClientSocket(socket):
    """The socket of a connection that was accepted; between requests the worker's loop has it."""

    def __init__(self, accepted: socket, sends: Sends):
        super().__init__(fileno=accepted.detach())
        with suppress(OSError):  # a Unix socket has no such option
            self.setsockopt(IPPROTO_TCP, TCP_NOTSENT_LOWAT, AT_ONCE_BYTES)
        self._sends = sends
        self._begin()

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send it all. Raises ClientGone where the client would have to be waited for too long, or by too many."""
        rest = memoryview(data)
        while rest:
            try:
                sent = super().send(rest, MSG_DONTWAIT)
            except BlockingIOError:
                self._wait()
            else:
                self._sent_bytes += sent
                rest = rest[sent:]

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Send it all, unless the flags say not to wait."""
        if flags & MSG_DONTWAIT:
            return super().send(data, flags)
        self.sendall(data)
        return len(data)

    def wait_elsewhere(self) -> None:
        """Let this answer wait without a place of SENDS_MAX: it has one of another kind until it is sent."""
        self._may_wait = True

    def take_place(self) -> bool:
        """Take the place in which this answer may wait, and return whether one was left."""
        if not self._may_wait:
            self._may_wait = self._has_place = self._sends.places.acquire(blocking=False)
        return self._may_wait

    @property
    def waited_seconds(self) -> float:
        """How long this answer has waited for its client so far."""
        return self._waited_seconds

    def end_answer(self) -> None:
        """Give the place back."""
        if self._has_place:
            self._sends.places.release()
        self._begin()

    def _begin(self) -> None:
        self._may_wait = self._has_place = False
        self._sent_bytes = 0
        self._waited_seconds = 0.0

    def _wait(self) -> None:
        """Wait until the client has taken some of what was sent.

        All waits for an answer may take `timeout` and as long as what was sent takes at rate_min.
        """
        if not self.take_place():
            raise ClientGone("all places in which an answer waits for its client are taken (SENDS_MAX)")
        timeout, rate_min = self._sends.timeout, self._sends.rate_min
        left = timeout + self._sent_bytes / rate_min - self._waited_seconds
        begun = time.monotonic()
        poll = select.poll()
        poll.register(self, select.POLLOUT)
        if left <= 0 or not poll.poll(min(timeout, left) * 1000):
            raise ClientGone("the client takes its answer too slowly (SEND_TIMEOUT, SEND_RATE_MIN)")
        self._waited_seconds += time.monotonic() - begun


def client_of(req: falcon.Request) -> ClientSocket | None:
    """Return the socket of the client who asks, or None where another server than gunicorn serves."""
    found = req.env.get("gunicorn.socket")
    return found if isinstance(found, ClientSocket) else None
