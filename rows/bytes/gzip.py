"""Gzip (RFC 1952), known by its first bytes, unpacked piece by piece while it is received."""

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

MAGIC = b"\x1f\x8b"
PIECE_BYTES = 64 * 1024
GZIP_WINDOW_BITS = 31  # zlib's manual, inflateInit2: the largest window, with a gzip header


class ArchiveDamaged(Exception):
    """What is packed ends early, or is not what it says."""


def unpacked(chunks: Iterable[bytes], is_gzip: bool = False, is_start: bool = False) -> Iterator[bytes]:
    """Yield the bytes in pieces, unpacked where they are gzip; is_gzip says that they must be.

    No piece is larger than a chunk or 64 KiB, however much a chunk unpacks to. Raises ArchiveDamaged, but not for the
    start alone of what is gzip.
    """
    chunks = iter(chunks)
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= len(MAGIC):
            break
    chunks = chain([start], chunks)
    return _gunzip(chunks, is_start) if is_gzip or start.startswith(MAGIC) else chunks


def _gunzip(chunks: Iterable[bytes], is_start: bool) -> Iterator[bytes]:
    """Yield what one gzip member after the other unpacks to; zeros may pad the end."""
    member = zlib.decompressobj(GZIP_WINDOW_BITS)
    try:
        for chunk in chunks:
            while chunk:
                if member.eof:
                    chunk = chunk.lstrip(b"\0")
                    if not chunk:
                        break
                    member = zlib.decompressobj(GZIP_WINDOW_BITS)
                yield from _inflate(member, chunk)
                chunk = member.unused_data
    except zlib.error as error:
        raise ArchiveDamaged("the gzip data is damaged; nothing is stored") from error
    if not member.eof and not is_start:
        raise ArchiveDamaged("the gzip data ends early; nothing is stored")


def _inflate(member: "zlib._Decompress", chunk: bytes) -> Iterator[bytes]:
    while piece := member.decompress(chunk, PIECE_BYTES):
        yield piece
        chunk = member.unconsumed_tail
