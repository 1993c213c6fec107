"""The bytes of a request: just as many as it announces, and no longer than may be waited for."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from socket import SHUT_RD

import falcon
from gunicorn.http.errors import ParseException

from handlers.answer.problems import Problem
from handlers.server.pieces import piece_of, surplus_of
from rows.bytes.file import FileTooLarge
from rows.bytes.gzip import unpacked

CHUNK_BYTES = 64 * 1024

PIECE_BYTES = 1024 * 1024
"""So much of a body is taken from the system at once. For each time this thread may have to wait for the others'."""


class Body:
    """The bytes of a request, in just the number that it announces, or in chunks to their end."""

    def __init__(self, req: falcon.Request, bytes_max: int, limit: str):
        """limit says where bytes_max comes from."""
        chunked = (req.get_header("Transfer-Encoding") or "").lower() == "chunked"
        if req.content_length is None and not chunked:
            sentence = "the body has neither a Content-Length nor chunks"
            raise Problem("length_required", sentence, is_logged=True)
        if req.content_length is not None and req.content_length > bytes_max:
            raise FileTooLarge(f"the body of {req.content_length} bytes is larger than {bytes_max} bytes ({limit})")
        self.bytes_max = bytes_max if req.content_length is None else req.content_length
        self.limit = limit
        self._stream = req.env["wsgi.input"]
        self._environ = req.env
        self._length = req.content_length
        self._received = 0
        self._rest = memoryview(b"")

    def read(self, size: int | None = CHUNK_BYTES) -> bytes:
        """Return the next bytes, fewer than size only at the end of the body."""
        wanted = size or CHUNK_BYTES
        if self._length is not None:
            wanted = min(wanted, self._length - self._received)
        try:
            chunk = self._stream.read(wanted) if self._length is None else self._of_pieces(wanted, self._length)
        except (OSError, ParseException) as error:
            raise _broken("the body broke off, or its chunks are malformed") from error
        self._received += len(chunk)
        if self._length is not None and len(chunk) < wanted:
            raise _broken(f"the body broke off after {self._received} of {self._length} bytes; nothing is stored")
        if self._received > self.bytes_max:
            raise FileTooLarge(f"the body is larger than {self.bytes_max} bytes ({self.limit})")
        return chunk

    def _of_pieces(self, wanted: int, length: int) -> bytes:
        """Return as many bytes of a body of known length, fewer where it breaks off."""
        chunk = bytes(self._rest[:wanted])
        self._rest = self._rest[wanted:]
        while len(chunk) < wanted:
            left = length - self._received - len(chunk)
            piece = piece_of(self._environ, min(left, PIECE_BYTES))
            if not piece:
                break
            self._rest = memoryview(piece)[wanted - len(chunk) :]
            chunk += piece[: wanted - len(chunk)]
        return chunk

    def exhaust(self) -> None:
        """Receive what is left, so that a transfer that breaks off is noticed behind a form that looks complete.

        Answers 400 where more has come than was announced: behind an upload a client waits for its answer before it
        sends anything, as it is not idempotent (RFC 9112, 9.3.2), and an empty line means nothing (2.2).
        """
        for _ in chunks_of(self.read):
            pass
        if self._length is not None and surplus_of(self._environ).strip(b"\r\n"):
            raise _broken(f"the body is longer than its Content-Length of {self._length} bytes; nothing is stored")


class Unpacked:
    """The bytes of a request whose whole body is gzip."""

    def __init__(self, body: Body, bytes_max: int):
        self.bytes_max = bytes_max
        self.limit = body.limit
        self._pieces = unpacked(chunks_of(body.read), is_gzip=True)
        self._rest = b""
        self._received = 0

    def read(self, size: int | None = CHUNK_BYTES) -> bytes:
        """Return the next bytes, fewer than size only at the end of the body."""
        while len(self._rest) < (size or CHUNK_BYTES) and (piece := next(self._pieces, b"")):
            self._rest += piece
            self._received += len(piece)
            if self._received > self.bytes_max:
                raise FileTooLarge(f"the unpacked body is larger than {self.bytes_max} bytes ({self.limit})")
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def chunks_of(read: Callable[[int], bytes]) -> Iterator[bytes]:
    return iter(partial(read, CHUNK_BYTES), b"")


@contextmanager
def deadline(req: falcon.Request, seconds: float) -> Iterator[None]:
    """Stop receiving after the seconds, however slowly bytes drip in, and answer 408 if that broke the block off."""
    socket = req.env.get("gunicorn.socket")
    late = threading.Event()

    def stop() -> None:
        late.set()
        if socket:
            socket.shutdown(SHUT_RD)

    timer = threading.Timer(seconds, stop)
    timer.daemon = True  # a worker that stops does not wait for it
    timer.start()
    try:
        yield
    except falcon.HTTPError as error:
        if late.is_set() and error.status == falcon.HTTP_400:
            sentence = f"the body took longer than {seconds:g} seconds (BODY_TIMEOUT)"
            raise Problem("timed_out", sentence, is_logged=True) from error
        raise
    finally:
        timer.cancel()


def _broken(sentence: str) -> Problem:
    return Problem("broken_transfer", sentence, is_logged=True)
