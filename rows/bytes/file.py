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
    """One file as it was sent; sent_bytes and sha256 are of the bytes sent, `stream` holds the CSV itself, or a zip.

    bytes_max is how large the CSV may be.
    """

    name: str | None
    sent_bytes: int
    sha256: str
    stream: IO[bytes]
    bytes_max: int


def spool(chunks: Iterable[bytes], stream: IO[bytes], name: str | None, bytes_max: int, is_gzip: bool = False) -> File:
    """Write the chunks to the stream, unpacked where they are gzip, and return the file that they are.

    Raises FileTooLarge as soon as more than bytes_max bytes have been written, ArchiveDamaged, and SpoolFull where the
    disk is full.
    """
    digest, sent_bytes = hashlib.sha256(), 0

    def received() -> Iterator[bytes]:
        nonlocal sent_bytes
        for chunk in chunks:
            digest.update(chunk)
            sent_bytes += len(chunk)
            yield chunk

    write_pieces(unpacked(received(), is_gzip), stream, bytes_max)
    return File(name, sent_bytes, digest.hexdigest(), stream, bytes_max)


def spool_start(
    chunks: Iterable[bytes], stream: IO[bytes], name: str | None, bytes_max: int, is_gzip: bool = False
) -> File:
    """Write no more than bytes_max bytes of what the chunks unpack to, which may be the start of a file alone."""
    written = 0
    for piece in unpacked(chunks, is_gzip, is_start=True):
        write_spool(stream, piece[: bytes_max - written])
        written += len(piece)
        if written >= bytes_max:
            break
    for _ in chunks:  # what is not read here is still to be received
        pass
    return File(name, written, "", stream, bytes_max)


def write_pieces(pieces: Iterable[bytes], stream: IO[bytes], bytes_max: int) -> None:
    """Write the pieces of a file to its spool. Raises FileTooLarge as soon as they are more than bytes_max bytes."""
    written = 0
    for piece in pieces:
        written += len(piece)
        if written > bytes_max:
            raise FileTooLarge(f"the file is larger than {bytes_max} bytes (MAX_UPLOAD_BYTES)")
        write_spool(stream, piece)


def write_spool(stream: IO[bytes], chunk: bytes) -> None:
    """Write to a spool. Raises SpoolFull where its disk is full."""
    try:
        stream.write(chunk)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SpoolFull("there is no room left to receive the file") from error
        raise
