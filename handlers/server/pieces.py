"""The body of a request in the pieces in which it comes, and what comes behind it, as gunicorn keeps them."""

from contextlib import suppress
from socket import MSG_DONTWAIT, MSG_PEEK
from typing import Any

SURPLUS_BYTES = 64


def piece_of(environ: dict[str, Any], most: int) -> bytes:
    """Return the next bytes of a body with a Content-Length, some and at most so many; nothing at its end.

    gunicorn's own read copies all that has come, up to a megabyte, for each piece of it that is asked for. Where no
    gunicorn serves, as many are read as are asked for.
    """
    stream = environ["wsgi.input"]
    if environ.get("gunicorn.socket") is None:
        return bytes(stream.read(most))
    reader = stream.reader
    most = min(most, reader.length)
    piece: bytes = reader.unreader.take_buffered() or reader.unreader.chunk(most) if most else b""
    if len(piece) > most:
        reader.unreader.unread(piece[most:])
        piece = piece[:most]
    reader.length -= len(piece)
    return piece


def surplus_of(environ: dict[str, Any]) -> bytes:
    """Return what has come behind a body that is read to its end, or some of it; nothing where no gunicorn serves."""
    connection = environ.get("gunicorn.socket")
    if connection is None:
        return b""
    surplus: bytes = environ["wsgi.input"].reader.unreader.buf.getvalue()
    with suppress(OSError):
        surplus += connection.recv(SURPLUS_BYTES, MSG_PEEK | MSG_DONTWAIT)
    return surplus
