"""A received file: its bytes spooled, counted and hashed before a row of it is read."""

import errno
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from rows.bytes.gzip import unpacked

SPOOL_MEMORY_BYTES = 1024 * 1024
"""What is spooled goes to disk past this."""


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


def spool(chunks: Iterable[bytes], stream: IO[bytes], name: str | None, bytes_max: int, is_gzip: bool = False) -> File:
    """Write the chunks to the stream, unpacked where they are gzip, and return the file that they are.

    Raises FileTooLarge as soon as more than bytes_max bytes have been written, GzipDamaged, and SpoolFull where the
    disk is full.
    """
    digest, sent_bytes, unpacked_bytes = hashlib.sha256(), 0, 0

    def received() -> Iterator[bytes]:
        nonlocal sent_bytes
        for chunk in chunks:
            digest.update(chunk)
            sent_bytes += len(chunk)
            yield chunk

    for piece in unpacked(received(), is_gzip):
        unpacked_bytes += len(piece)
        if unpacked_bytes > bytes_max:
            raise FileTooLarge(f"the file is larger than {bytes_max} bytes (MAX_UPLOAD_BYTES)")
        write_spool(stream, piece)
    return File(name, sent_bytes, digest.hexdigest(), stream)


def write_spool(stream: IO[bytes], chunk: bytes) -> None:
    """Write to a spool. Raises SpoolFull where its disk is full."""
    try:
        stream.write(chunk)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SpoolFull("there is no room left to receive the file") from error
        raise
