r"""Refused records as they are kept: text with each byte that is no text as \xNN, and a backslash as \\.

A file of refused rows is the file that was sent, with the columns of COLUMNS behind its own. A record that could not
be split into its columns stands in `_record`, and is read from there again where the row's own columns are empty; it is
split by `_delimiter`, whatever delimiter the file of refused rows has by now. A record that is kept without its end
stands there too, and is refused whenever it is read: \... marks it, which no other text is kept as.
"""

import re

from rows.bytes.encoding import byte_as_character, character_as_byte
from rows.fault import Fault
from rows.options import DELIMITERS
from rows.records.layout import Layout
from rows.records.quoting import split_record
from rows.records.records import (
    BAD_QUOTING,
    LONE_SURROGATE,
    UNDECODABLE,
    Records,
    is_empty,
    too_long,
    wrong_field_count,
)

COLUMNS = ["_line", "_column", "_code", "_reason", "_delimiter", "_record"]

CHARS = (4, 64 * 1024)
"""A line of a file of refused rows may be longer than that of the file that was sent: so many times, as a byte may be
written as four characters, and so may a field of a header without a name; and so much more for the reason.
"""

REPEATED_HEADER = "repeated_header"
"""The code of a record that was a header: what says so, where it is read again, is this alone."""

LEFT_OUT = "\ud800"
"""Stands in a record for what was left out of it. No text has it: those that stand for bytes begin at U+DC00."""

SHORTENED = Fault(
    "record_shortened", "was kept without its end (REJECTS_BYTES_MAX): correct it in the file that it came from"
)

ESCAPES = {"\\": r"\\", LEFT_OUT: r"\..."}
TO_ESCAPE = re.compile(r"[\\\ud800-\udfff]")
ESCAPED = re.compile(r"\\(?:(\\)|x([0-9A-Fa-f]{2})|\.\.\.)")

PIECE_CHARS = 16 * 1024
"""Each escape makes a text of its own for a moment: those of a piece at a time, not of a whole record."""

PIECE = re.compile(rf"(?:[^\\]|\\x[0-9A-Fa-f]{{2}}|\\\.\.\.|\\\\|\\){{1,{PIECE_CHARS}}}+", re.DOTALL)
"""A piece of a kept text that ends in no escape."""


def chars_max(sent_max: int) -> int:
    """Return how long a line of a file of refused rows may be, where one of the file that was sent may be so long."""
    times, more = CHARS
    return sent_max * times + more


def restore(records: Records, layout: Layout, delimiter: str, chars_max: int) -> None:
    """Put in place the records that are kept in `_record`, where the row's own columns are empty."""
    if layout.kept is None:
        return
    record, delimiter_place, code = (layout.kept[name] for name in ("_record", "_delimiter", "_code"))
    for index in range(len(records)):
        fields = records.fields(index) if records.width(index) == layout.width else []
        if fields and fields[record] and is_empty([fields[place] for place in layout.own]):
            raw = unescape(fields[record])
            own_delimiter = DELIMITERS.get(fields[delimiter_place].strip(), delimiter)
            split = _split(raw, layout, own_delimiter, chars_max)
            if fields[code].strip() == REPEATED_HEADER:
                records.headers.add(index)
            if isinstance(split, Fault):
                records.broken[index] = split
                fields = []
            else:
                for place, text in zip(layout.own, split, strict=True):
                    fields[place] = text
            records.replace(index, raw, own_delimiter, fields)


def _split(raw: str, layout: Layout, delimiter: str, chars_max: int) -> list[str] | Fault:
    """Return the record's fields, as many as the file has columns of its own, or what is wrong with it."""
    if LEFT_OUT in raw:
        return SHORTENED
    if len(raw) > chars_max:
        return too_long(chars_max)
    if LONE_SURROGATE.search(raw):
        return UNDECODABLE
    fields = split_record(raw, delimiter)
    if fields is None:
        return BAD_QUOTING
    return fields if len(fields) == len(layout.own) else wrong_field_count(len(fields), len(layout.own))


def escape(raw: str) -> str:
    """Return a record's text as it is kept."""
    if not TO_ESCAPE.search(raw):
        return raw
    pieces = (raw[start : start + PIECE_CHARS] for start in range(0, len(raw), PIECE_CHARS))
    return "".join(TO_ESCAPE.sub(_escaped, piece) for piece in pieces)


def unescape(kept: str) -> str:
    r"""Return the text that was kept; a backslash that begins neither \\ nor \xNN nor \... stands for itself."""
    if "\\" not in kept:
        return kept
    return "".join(ESCAPED.sub(_unescaped, piece[0]) for piece in PIECE.finditer(kept))


def _escaped(match: re.Match[str]) -> str:
    return ESCAPES.get(match[0]) or f"\\x{character_as_byte(match[0]):02X}"


def _unescaped(match: re.Match[str]) -> str:
    return match[1] or (byte_as_character(int(match[2], 16)) if match[2] else LEFT_OUT)
