"""Bytes to text, and text to physical lines: only LF, CR or CRLF ends a line (RFC 4180, and old Macs)."""

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

CHUNK_BYTES = 64 * 1024

LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
OTHER_BREAKS = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What str.splitlines takes for the end of a line, and RFC 4180 does not."""


def decode(stream: IO[bytes]) -> Iterator[str]:
    """Yield the file as text, without its byte order mark.

    A byte that is no UTF-8 becomes a lone surrogate (PEP 383), so that it can be refused with its record.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    stream.seek(0)
    first = stream.read(CHUNK_BYTES).removeprefix(codecs.BOM_UTF8)
    for chunk in chain([first], iter(lambda: stream.read(CHUNK_BYTES), b"")):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def lines(chunks: Iterable[str], chars_max: int) -> Iterator[str]:
    """Yield physical lines with their ends; the middle of one much longer than chars_max is left out."""
    return chain.from_iterable(_blocks(chunks, chars_max))


def _blocks(chunks: Iterable[str], chars_max: int) -> Iterator[list[str]]:
    """Yield the lines that each chunk completes; what is left over begins the next chunk's first line."""
    rest = ""
    for chunk in chunks:
        rest += chunk
        # A CR at the very end may be the first half of a CRLF: it waits for what follows.
        end = max(rest.rfind("\n"), rest.rfind("\r", 0, len(rest) - 1)) + 1
        yield _split(rest[:end])
        rest = rest[end:]
        if len(rest) > chars_max + 2:
            rest = rest[: chars_max + 1] + ("\r" if rest.endswith("\r") else "")
    yield _split(rest)


def _split(text: str) -> list[str]:
    if any(character in text for character in OTHER_BREAKS):
        return LINE.findall(text)
    return text.splitlines(keepends=True)
