"""The worker that serves: gunicorn's threads, none of which a client holds by taking its time."""

import math
import os
import selectors
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from socket import MSG_DONTWAIT, SHUT_WR, socket
from typing import Any, NamedTuple

import falcon
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from handlers.server.client import ClientSocket, Sends
from handlers.server.malformed import fault_of, refuse

HEAD_BYTES_MAX = 64 * 1024
HEAD_END = b"\r\n\r\n"
RECEIVE_BYTES = 64 * 1024

LINGER_SECONDS = 2.0
"""How long a connection is read from after its last answer, for the client to see that (RFC 9112, 9.6)."""

UNREAD_BODY_SECONDS = 0.1
"""How long the rest of a body that no one has read may take, for the connection to be used again."""


class Wait(NamedTuple):
    """Until when the loop waits for something from a client, and what it does then."""

    deadline: float
    then: "Callable[[TConn, float], None]"


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's threaded worker, whose loop waits for the heads of requests and for the ends of connections.

    Gunicorn itself waits for a head in a thread, without an end, and for the end of a connection in the loop, while no
    one else is served. Times are in seconds; gunicorn.conf.py sets them.
    """

    head_timeout: float
    sends: Sends

    def __init__(self, *arguments: Any, **named: Any):
        super().__init__(*arguments, **named)
        self._waiting: dict[TConn, Wait] = {}
        self._silent_until = math.inf

    def run(self) -> None:
        """Serve until told to stop. What goes on for longer than graceful_timeout ends then, with the process.

        Python itself would wait for the threads that load files, in a process that starts no further ones.
        """
        super().run()
        if self.nr_conns:
            self.log.warning("%s connections were cut off at the end of graceful_timeout", self.nr_conns)
            os._exit(0)

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection to a thread once the head of its next request has come."""
        if not conn.initialized:
            conn.sock = ClientSocket(conn.sock, self.sends)
            conn.init()
        self._read_head(conn, time.monotonic() + self.head_timeout)

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Answer a request, and return whether the connection may be used again."""
        try:
            return super().handle_request(req, conn)
        finally:
            conn.sock.end_answer()

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """Whether the connection may be used again, after the rest of a body, for which gunicorn waits 5 seconds."""
        try:
            return keepalive and conn.parser.finish_body(deadline=time.monotonic() + UNREAD_BODY_SECONDS)
        except ParseException:
            return False

    def handle_error(self, req: Any, client: socket, addr: tuple[str, int] | str, exc: Exception) -> None:
        """Answer what gunicorn's parser refuses, and what goes wrong before anything of an answer is sent."""
        status, detail = fault_of(exc, self.cfg)
        if status == falcon.HTTP_500:
            self.log.exception("a request failed")
        refuse(client, addr, status, detail, self.log)

    def finish_request(self, conn: TConn, done: "Future[bool]") -> None:
        """Wait for the next request of a connection, or close it."""
        if not done.cancelled() and not done.exception() and done.result():
            super().finish_request(conn, done)
        else:
            self._close(conn)

    def murder_pending(self) -> None:
        """End what has waited too long. Gunicorn calls this at least each second."""
        now = time.monotonic()
        for conn, (deadline, then) in list(self._waiting.items()):
            is_head = then == self._read_head
            has_begun = is_head and conn.parser.unreader.buf.getvalue()
            if deadline < now and has_begun:
                self._wait_no_more(conn)
                self._refuse(conn, falcon.HTTP_408, f"the head took over {self.head_timeout} s (HEAD_TIMEOUT)")
            elif deadline < now or (is_head and not has_begun and self._silent_until < now):
                self._wait_no_more(conn)
                self._end(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """At a stop, wait until a deadline for what clients may be sending: kept-alive ones, and those that are new.

        A proxy opens a connection just before it sends a request, and may not send that again elsewhere.
        """
        super()._cap_keepalive(deadline)
        self._silent_until = deadline

    def _read_head(self, conn: TConn, deadline: float) -> None:
        """Take what has come of a head, and hand the connection to a thread if that is all."""
        piece = _receive(conn)
        head = conn.parser.unreader.take_buffered() + (piece or b"")
        conn.parser.unreader.unread(head)
        if HEAD_END in head or piece == b"":
            super().enqueue_req(conn)
        elif len(head) > HEAD_BYTES_MAX:
            self._refuse(conn, falcon.HTTP_431, f"the head of the request has over {HEAD_BYTES_MAX} bytes")
        else:
            self._wait(conn, deadline, self._read_head)

    def _refuse(self, conn: TConn, status: str, detail: str) -> None:
        """Answer a request whose head is of no use."""
        refuse(conn.sock, conn.client, status, detail, self.log)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        """Say that no more is sent, and close the connection once the client has, or has had time to."""
        with suppress(OSError):
            conn.sock.shutdown(SHUT_WR)
        self._drain(conn, time.monotonic() + LINGER_SECONDS)

    def _drain(self, conn: TConn, deadline: float) -> None:
        """Pass over what still comes."""
        if _receive(conn) == b"":
            self._end(conn)
        else:
            self._wait(conn, deadline, self._drain)

    def _end(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def _wait(self, conn: TConn, deadline: float, then: Callable[[TConn, float], None]) -> None:
        """Let the loop go on with `then` once something comes, until the deadline."""
        self._waiting[conn] = Wait(deadline, then)
        self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._go_on(conn))

    def _wait_no_more(self, conn: TConn) -> Wait:
        self.poller.unregister(conn.sock)
        return self._waiting.pop(conn)

    def _go_on(self, conn: TConn) -> None:
        wait = self._wait_no_more(conn)
        wait.then(conn, wait.deadline)


def _receive(conn: TConn) -> bytes | None:
    """Return what has come, nothing where that is all, and None where nothing has come yet."""
    try:
        return conn.sock.recv(RECEIVE_BYTES, MSG_DONTWAIT)
    except BlockingIOError:
        return None
    except OSError:
        return b""
