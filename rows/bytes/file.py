"""A received file: its bytes spooled, counted and hashed before a row of it is read."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rows.bytes.gzip import unpacked
from rows.bytes.spool import Spool, Spools
from rows.bytes.turn import Turn


class FileTooLarge(Exception):
    """The file is larger than the limit on uploads."""


@dataclass(frozen=True)
class File:
    """One file as it was sent; sent_bytes and sha256 are of the bytes sent, `stream` holds the CSV itself, or a zip.

    sha256 is empty where not all of it was read. bytes_max is how large the CSV may be.
    """

    name: str | None
    sent_bytes: int
    sha256: str
    stream: Spool
    bytes_max: int

    @property
    def spools(self) -> Spools:
        """Where further spools for this upload come from."""
        return self.stream.spools

    @property
    def turn(self) -> Turn:
        """What is large of the file is read in turn."""
        return self.stream.spools.turn


def spool(chunks: Iterable[bytes], stream: Spool, name: str | None, bytes_max: int, is_gzip: bool = False) -> File:
    """Write the chunks to the stream, unpacked where they are gzip, and return the file that they are.

    Raises FileTooLarge as soon as more than bytes_max bytes have been written, ArchiveDamaged, and what a spool raises
    where there is no room.
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
    chunks: Iterable[bytes], stream: Spool, name: str | None, bytes_max: int, is_gzip: bool = False
) -> File:
    """Write no more than bytes_max bytes of what the chunks unpack to, which may be the start of a file alone."""
    written = 0
    for piece in unpacked(chunks, is_gzip, is_start=True):
        stream.write(piece[: bytes_max - written])
        written += len(piece)
        if written >= bytes_max:
            break
    for _ in chunks:  # what is not read here is still to be received
        pass
    return File(name, written, "", stream, bytes_max)


def write_pieces(pieces: Iterable[bytes], stream: Spool, bytes_max: int) -> None:
    """Write the pieces of a file to its spool. Raises FileTooLarge as soon as they are more than bytes_max bytes."""
    written = 0
    for piece in pieces:
        written += len(piece)
        if written > bytes_max:
            raise FileTooLarge(f"the file is larger than {bytes_max} bytes (MAX_UPLOAD_BYTES)")
        stream.write(piece)
