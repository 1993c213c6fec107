"""What has come on a connection behind the body of a request, as gunicorn keeps it."""

from contextlib import suppress
from socket import MSG_DONTWAIT, MSG_PEEK
from typing import Any

SURPLUS_BYTES = 64


def surplus_of(environ: dict[str, Any]) -> bytes:
    """Return what has come behind a body that is read to its end, or some of it; nothing where no gunicorn serves."""
    connection = environ.get("gunicorn.socket")
    if connection is None:
        return b""
    surplus: bytes = environ["wsgi.input"].reader.unreader.buf.getvalue()
    with suppress(OSError):
        surplus += connection.recv(SURPLUS_BYTES, MSG_PEEK | MSG_DONTWAIT)
    return surplus
