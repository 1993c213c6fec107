"""A received file: its bytes spooled, counted and hashed before a row of it is read."""

import errno
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO


class FileTooLarge(Exception):
    """The file is larger than the limit on uploads."""


class SpoolFull(Exception):
    """There is no room left to spool the file."""


@dataclass(frozen=True)
class File:
    """One file as it was sent; sent_bytes and sha256 are of the bytes sent, `stream` holds the CSV itself."""

    name: str | None
    sent_bytes: int
    sha256: str
    stream: IO[bytes]


def spool(chunks: Iterable[bytes], stream: IO[bytes], name: str | None, bytes_max: int) -> File:
    """Write the chunks to the stream, and return the file that they are.

    Raises FileTooLarge as soon as more than bytes_max bytes have come, and SpoolFull where the disk is full.
    """
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        if size > bytes_max:
            raise FileTooLarge(f"the file is larger than {bytes_max} bytes (MAX_UPLOAD_BYTES)")
        _write(stream, chunk)
    return File(name, size, digest.hexdigest(), stream)


def _write(stream: IO[bytes], chunk: bytes) -> None:
    try:
        stream.write(chunk)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SpoolFull("there is no room left to receive the file") from error
        raise
