"""Bytes to text: which encoding a file has, and its text in pieces."""

import codecs
import re
from typing import IO, NamedTuple

from rows.bytes.kinds import utf_16_order
from rows.fault import FileRefused, Hint, cut

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


class Place(NamedTuple):
    """A place in a text, between two pieces of it."""

    offset: int
    state: tuple[bytes, int]
    has_ended: bool


def read_encoding(name: str) -> str:
    """Return Python's name of an encoding. Raises ValueError, with the end of a sentence, for one that is not read.

    latin-1 is read as cp1252, as the WHATWG Encoding Standard has it: what calls itself so holds no control characters.
    Others that Python knows, such as unicode_escape, could put lone surrogates into the text.
    """
    try:
        found = codecs.lookup(name).name if re.fullmatch(r"[\w-]{1,20}", name, re.ASCII) else ""
    except LookupError:
        found = ""
    if not ENCODINGS.fullmatch(found):
        raise ValueError(f"is {cut(name)!r}, which is not one of utf-8, utf-16, latin-1, iso-8859-*, cp125*, mac-roman")
    return "cp1252" if found == "iso8859-1" else found


def find_encoding(stream: IO[bytes], given: str | None) -> str:
    """Return the file's encoding: its byte order mark's, else the one given, else utf-8.

    Raises FileRefused for UTF-32, whose mark begins like that of UTF-16, and for UTF-16 that nothing says.
    """
    marked = marked_encoding(stream)
    if marked == "utf-32":
        raise FileRefused("not_csv", "the file begins with the byte order mark of utf-32: save it as utf-8 or utf-16")
    if marked is None and given != "utf-16" and utf_16_order(stream):
        raise FileRefused(
            "encoding_not_given",
            "the file is UTF-16 without a byte order mark",
            [Hint("the file reads as utf-16", {"encoding": "utf-16"})],
            ways=["encoding=utf-16 reads it"],
        )
    return marked or given or "utf-8"


def marked_encoding(stream: IO[bytes]) -> str | None:
    """Return the encoding that the file's byte order mark says, None where it has none."""
    return MARKS.get(_mark(stream))


class Text:
    """A file's text in pieces, without its byte order mark.

    A byte that is no text becomes a lone surrogate, as in PEP 383, so that it can be refused with its record.
    """

    def __init__(self, stream: IO[bytes], encoding: str):
        codecs.register_error("bytes-as-surrogates", _bytes_as_surrogates)
        # Python's own handler is fast, but has no place for the bytes below 128 of broken UTF-16.
        errors = "bytes-as-surrogates" if encoding == "utf-16" else "surrogateescape"
        codec = _byte_order(stream) if encoding == "utf-16" else encoding
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(codec)(errors)
        self._offset = len(_mark(stream))
        self._has_ended = False

    def read(self) -> str | None:
        """Return the next piece, or None at the end."""
        if self._has_ended:
            return None
        self._stream.seek(self._offset)
        chunk = self._stream.read(CHUNK_BYTES)
        self._offset += len(chunk)
        self._has_ended = not chunk
        return self._decoder.decode(chunk, final=self._has_ended)

    def place(self) -> Place:
        """Return where the next piece begins."""
        return Place(self._offset, self._decoder.getstate(), self._has_ended)

    def go_back(self, place: Place) -> None:
        """Let the next piece be the one that begins there."""
        self._offset, state, self._has_ended = place
        self._decoder.setstate(state)


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


def _byte_order(stream: IO[bytes]) -> str:
    """Return the codec for the byte order of UTF-16: by its mark, else by where its zeros are."""
    mark = _mark(stream)
    return "utf-16-be" if mark == codecs.BOM_UTF16_BE or (not mark and utf_16_order(stream) == "be") else "utf-16-le"
