"""Bytes to text: which encoding a file has, and its text in pieces."""

import codecs
import re
from collections.abc import Iterator
from typing import IO

CHUNK_BYTES = 64 * 1024

ENCODINGS = re.compile(r"utf-8|utf-16|iso8859-\d+|cp125\d|mac-roman")
"""The encodings that can be given, by the names that Python's codecs have for them."""

MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # begins like that of utf-16
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8",
}
"""The encodings of the byte order marks."""


ZIP_MAGIC = b"PK\x03\x04"


class EncodingRefused(Exception):
    """The file begins as no text does that is read here."""


def read_encoding(name: str) -> str:
    """Return Python's name of an encoding. Raises ValueError, with the end of a sentence, for one that is not read.

    Others that Python knows, such as unicode_escape, could put lone surrogates into the text.
    """
    try:
        found = codecs.lookup(name).name if re.fullmatch(r"[\w-]{1,20}", name, re.ASCII) else ""
    except LookupError:
        found = ""
    if not ENCODINGS.fullmatch(found):
        raise ValueError(f"is {name!r}, which is not one of utf-8, utf-16, latin-1, iso-8859-*, cp125*, mac-roman")
    return found


def find_encoding(stream: IO[bytes], given: str | None) -> str:
    """Return the file's encoding: its byte order mark's, else the one given, else utf-8.

    Raises EncodingRefused for UTF-32, whose mark begins like that of UTF-16, and for a zip archive.
    """
    if _start(stream).startswith(ZIP_MAGIC):
        raise EncodingRefused("the file is a zip archive, as .xlsx and .ods files are: save it as CSV")
    encoding = MARKS.get(_mark(stream)) or given or "utf-8"
    if encoding == "utf-32":
        raise EncodingRefused("the file begins with the byte order mark of utf-32: save it as utf-8 or utf-16")
    return encoding


def decode(stream: IO[bytes], encoding: str) -> Iterator[str]:
    """Yield the file as text, without its byte order mark.

    A byte that is no text becomes a lone surrogate, as in PEP 383, so that it can be refused with its record.
    """
    codecs.register_error("bytes-as-surrogates", _bytes_as_surrogates)
    # Python's own handler is fast, but has no place for the bytes below 128 of broken UTF-16.
    errors = "bytes-as-surrogates" if encoding == "utf-16" else "surrogateescape"
    mark = _mark(stream)
    # Without a mark utf-16 is little-endian, as spreadsheets write it (WHATWG Encoding Standard, utf-16).
    order = {"utf-16": "utf-16-be" if mark == codecs.BOM_UTF16_BE else "utf-16-le"}
    decoder = codecs.getincrementaldecoder(order.get(encoding, encoding))(errors)
    stream.seek(len(mark))
    for chunk in iter(lambda: stream.read(CHUNK_BYTES), b""):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def byte_as_character(byte: int) -> str:
    """Return the lone surrogate that stands for a byte that is no text."""
    return chr(0xDC00 + byte)


def character_as_byte(character: str) -> int:
    """Return the byte that a lone surrogate stands for."""
    return ord(character) & 0xFF


def _start(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    return stream.read(4)


def _mark(stream: IO[bytes]) -> bytes:
    """Return the byte order mark that the file begins with, or nothing."""
    start = _start(stream)
    return next((mark for mark in MARKS if start.startswith(mark)), b"")


def _bytes_as_surrogates(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(map(byte_as_character, error.object[error.start : error.end])), error.end
