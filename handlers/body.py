"""The body of an upload, received whole before a row is read: a form's one part `file`, or a bare CSV."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from socket import SHUT_RD
from tempfile import SpooledTemporaryFile
from typing import IO

import falcon
from falcon.media.multipart import BodyPart, MultipartForm, MultipartFormHandler
from gunicorn.http.errors import ParseException

from rows.file import SPOOL_MEMORY_BYTES, File, FileTooLarge, spool
from rows.gzip import unpacked

CHUNK_BYTES = 64 * 1024
FORM_BYTES_MAX = 64 * 1024
"""A form may hold this much around its file: boundaries, headers, other fields."""


@contextmanager
def receive(req: falcon.Request, upload_bytes_max: int, body_timeout: float) -> Iterator[File]:
    """Give the block the file that the request sends, once all of the request has come.

    Raises FileTooLarge past upload_bytes_max, and answers 400 to a malformed or broken transfer, 408 to one that
    takes longer than body_timeout seconds, 411 to a body without length and 415 to one that is neither form nor CSV.
    """
    kind = falcon.parse_header(req.content_type or "")[0].lower()
    if kind not in ("multipart/form-data", "text/csv"):
        raise falcon.HTTPUnsupportedMediaType(
            description=f"the body is {kind or 'of no type'}: expected multipart/form-data with the CSV in the part "
            "`file` (curl -F file=@hires.csv), or the bare CSV as text/csv"
        )
    coding = req.get_header("Content-Encoding", default="identity").lower()
    if coding not in ("identity", "gzip"):
        raise falcon.HTTPUnsupportedMediaType(description=f"the Content-Encoding is {coding}: expected gzip or none")
    with SpooledTemporaryFile(max_size=SPOOL_MEMORY_BYTES) as stream:
        with _deadline(req, body_timeout):
            body = Body(req, upload_bytes_max + FORM_BYTES_MAX)
            if kind == "text/csv":
                file = spool(_chunks(body.read), stream, None, upload_bytes_max, is_gzip=coding == "gzip")
            else:
                form = Unpacked(body, upload_bytes_max + FORM_BYTES_MAX) if coding == "gzip" else body
                file = _file_of(_parts(req, form), stream, upload_bytes_max)
            body.exhaust()
        yield file


class Body:
    """The bytes of a request, in just the number that it announces, or in chunks to their end."""

    def __init__(self, req: falcon.Request, bytes_max: int):
        chunked = (req.get_header("Transfer-Encoding") or "").lower() == "chunked"
        if req.content_length is None and not chunked:
            raise falcon.HTTPLengthRequired(description="the body has neither a Content-Length nor chunks")
        if req.content_length is not None and req.content_length > bytes_max:
            raise FileTooLarge(
                f"the body of {req.content_length} bytes is larger than {bytes_max} bytes (MAX_UPLOAD_BYTES and 64 KiB)"
            )
        self.bytes_max = bytes_max if req.content_length is None else req.content_length
        self._stream = req.env["wsgi.input"]
        self._length = req.content_length
        self._received = 0

    def read(self, size: int | None = CHUNK_BYTES) -> bytes:
        """Return the next bytes, fewer than size only at the end of the body."""
        wanted = size or CHUNK_BYTES
        if self._length is not None:
            wanted = min(wanted, self._length - self._received)
        try:
            chunk: bytes = self._stream.read(wanted)
        except (OSError, ParseException) as error:
            raise falcon.HTTPBadRequest(description="the body broke off, or its chunks are malformed") from error
        self._received += len(chunk)
        if self._length is not None and len(chunk) < wanted:
            raise falcon.HTTPBadRequest(
                description=f"the body broke off after {self._received} of {self._length} bytes; nothing is stored"
            )
        if self._received > self.bytes_max:
            raise FileTooLarge(f"the body is larger than {self.bytes_max} bytes (MAX_UPLOAD_BYTES and 64 KiB)")
        return chunk

    def exhaust(self) -> None:
        """Receive what is left, so that a transfer that breaks off is noticed behind a form that looks complete."""
        for _ in _chunks(self.read):
            pass


class Unpacked:
    """The bytes of a request whose whole body is gzip."""

    def __init__(self, body: Body, bytes_max: int):
        self.bytes_max = bytes_max
        self._pieces = unpacked(_chunks(body.read), is_gzip=True)
        self._rest = b""
        self._received = 0

    def read(self, size: int | None = CHUNK_BYTES) -> bytes:
        """Return the next bytes, fewer than size only at the end of the body."""
        while len(self._rest) < (size or CHUNK_BYTES) and (piece := next(self._pieces, b"")):
            self._rest += piece
            self._received += len(piece)
            if self._received > self.bytes_max:
                raise FileTooLarge(
                    f"the unpacked body is larger than {self.bytes_max} bytes (MAX_UPLOAD_BYTES and 64 KiB)"
                )
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def _chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    return iter(partial(read, CHUNK_BYTES), b"")


def _parts(req: falcon.Request, body: Body | Unpacked) -> MultipartForm:
    """Return the form's parts (RFC 7578). Falcon asks for a length: without one, for the most there may be."""
    return MultipartFormHandler().deserialize(body, req.content_type, body.bytes_max)


def _file_of(parts: MultipartForm, stream: IO[bytes], upload_bytes_max: int) -> File:
    """Return the file in the form's one part `file`."""
    file = None
    for part in parts:
        name, file_name = _names(part)
        if name != "file":
            raise falcon.HTTPBadRequest(
                description=f"the form has a part {name!r}: expected the one part `file`; options go into the query"
            )
        if file:
            raise falcon.HTTPBadRequest(description="the form has two parts `file`: send one file a request")
        file = spool(_chunks(part.stream.read), stream, file_name, upload_bytes_max)
    if not file:
        raise falcon.HTTPBadRequest(description="the form has no part `file`")
    return file


def _names(part: BodyPart) -> tuple[str | None, str | None]:
    """Return the part's name and its file's name, which a database can store as text."""
    try:
        name, file_name = part.name, part.filename
        (file_name or "").encode()
    except UnicodeError:
        raise falcon.HTTPBadRequest(description="the headers of a part of the form are no UTF-8") from None
    if "\0" in (file_name or ""):
        raise falcon.HTTPBadRequest(description="the file's name has a NUL character")
    return name, file_name


@contextmanager
def _deadline(req: falcon.Request, seconds: float) -> Iterator[None]:
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
    except falcon.HTTPBadRequest as error:
        if late.is_set():
            raise falcon.HTTPError(
                falcon.HTTP_408, description=f"the body took longer than {seconds:g} seconds (BODY_TIMEOUT)"
            ) from error
        raise
    finally:
        timer.cancel()
