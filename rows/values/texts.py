"""Texts, and the escapes that some tools write into them."""

import re
from collections.abc import Sequence

from rows.fault import Fault, quote
from rows.records.records import BLANK

TEXT_CHARS_MAX = 1000


def quick_texts(texts: Sequence[str]) -> Sequence[str | None] | None:
    """Read a column of text that is short enough and has no NUL character."""
    if max(map(len, texts)) > TEXT_CHARS_MAX or "\0" in "".join(texts):
        return None
    return [text.strip(BLANK) or None for text in texts]


def odd_texts(texts: Sequence[str]) -> Sequence[int]:
    """Return the places of the texts that quick_texts does not take."""
    return [place for place, text in enumerate(texts) if len(text) > TEXT_CHARS_MAX or "\0" in text]


def read_text(text: str) -> str | Fault:
    """Read up to 1,000 characters without a NUL character, which PostgreSQL could not hold."""
    if "\0" in text:
        return Fault("nul_character", f"has a NUL character: {quote(text)}")
    if len(text) > TEXT_CHARS_MAX:
        return Fault("too_long", f"has {len(text)} characters, more than {TEXT_CHARS_MAX}: {quote(text)}")
    return text


ESCAPES = {
    **{"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0", "\\": "\\"},
    **{"\n": "\n", "\r": "\r"},
}
"""What stands behind a backslash: in PostgreSQL's COPY, text format, in `mariadb --batch`, and in OUTFILE of MySQL."""

ESCAPE = re.compile(r"\\([bfnrtv0\\\r\n])")


def unescape(text: str) -> str:
    """Return a text with its escapes read; a backslash that begins none stands for itself."""
    return ESCAPE.sub(lambda match: ESCAPES[match[1]], text)


def is_escaped(text: str) -> bool:
    """Whether a text has backslashes, and each of them belongs to an escape."""
    return "\\" in text and "\\" not in ESCAPE.sub("", text)
