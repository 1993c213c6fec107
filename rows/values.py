"""Texts to values, one rule a column type: each reads a whole column at once, or one text with its fault.

`quick` takes the column's texts and returns its values, or None if any text needs a closer look; `read` takes one
trimmed text that is not empty and returns its value or a Fault. Both give the same value for the same text.
"""

import re
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from rows.reject import Fault, quote

BLANK = " \t"
"""What is trimmed from both ends of a field."""

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
TEXT_CHARS_MAX = 1000
YEAR_MIN, YEAR_MAX = 1000, 9999

Value = int | str | None


class Type(NamedTuple):
    """The two readings of a column type."""

    quick: Callable[[Sequence[str]], Sequence[Value] | None]
    read: Callable[[str], Value | Fault]


def quick_integers(texts: Sequence[str]) -> Sequence[Value] | None:
    """Read a column of plain ASCII digits and empty fields."""
    digits = "".join(texts)
    # int() alone would also take 1_000, blanks and the digits of other scripts.
    if not (digits.isascii() and digits.isdigit()) or max(map(len, texts)) > 18:
        return None if digits else [None] * len(texts)
    return list(map(int, texts)) if all(texts) else [int(text) if text else None for text in texts]


INTEGER = re.compile(r"([+-]?)0*+([0-9]*)(?:\.0)?", re.ASCII)


def read_integer(text: str) -> Value | Fault:
    """Read ASCII digits with an optional sign and an optional `.0`, as spreadsheets and pandas write it."""
    match = INTEGER.fullmatch(text)
    if not match or not any(character.isdigit() for character in text.removesuffix(".0")):
        return Fault("not_an_integer", f"is not an integer: {quote(text)}")
    sign, digits = match.groups()
    # int() refuses thousands of digits with an error of its own: 64 bits have 19.
    if len(digits) > 19 or not INTEGER_MIN <= int(f"{sign}{digits or 0}") <= INTEGER_MAX:
        return Fault("out_of_range", f"is outside {INTEGER_MIN} to {INTEGER_MAX}: {quote(text)}")
    return int(f"{sign}{digits or 0}")


def quick_texts(texts: Sequence[str]) -> Sequence[Value] | None:
    """Read a column of text that is short enough and has no NUL character."""
    if max(map(len, texts)) > TEXT_CHARS_MAX or "\0" in "".join(texts):
        return None
    return [text.strip(BLANK) or None for text in texts]


def read_text(text: str) -> Value | Fault:
    """Read up to 1,000 characters without a NUL character, which PostgreSQL could not hold."""
    if "\0" in text:
        return Fault("nul_character", f"has a NUL character: {quote(text)}")
    if len(text) > TEXT_CHARS_MAX:
        return Fault("too_long", f"has {len(text)} characters, more than {TEXT_CHARS_MAX}: {quote(text)}")
    return text


ZEROS = bytes.maketrans(b"123456789", b"000000000")
SHAPE = b"0000-00-00T00:00:00Z"


def quick_timestamps(texts: Sequence[str]) -> Sequence[Value] | None:
    """Read a column of `2021-07-27T16:02:08Z`, the form that is stored, and empty fields."""
    present = texts if all(texts) else [text for text in texts if text]
    joined = "".join(present).encode(errors="surrogatepass")
    # Texts of other lengths could make up the same shape together, but fromisoformat takes no part of it.
    if joined.translate(ZEROS) != SHAPE * len(present) or b"T24:" in joined:
        return None
    if present and min(present) < str(YEAR_MIN):
        return None
    try:
        deque(map(datetime.fromisoformat, present), maxlen=0)
    except ValueError:
        return None
    return texts if present is texts else [text or None for text in texts]


TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)


def read_timestamp(text: str) -> Value | Fault:
    """Read ISO 8601: a date, or date and time with T or a blank between, `Z`, an offset or none (UTC)."""
    wrong = Fault("not_a_timestamp", f"is not an ISO 8601 timestamp such as 2021-07-27T16:02:08Z: {quote(text)}")
    far = Fault("out_of_range", f"is outside the years {YEAR_MIN} to {YEAR_MAX} in UTC: {quote(text)}")
    if not TIMESTAMP.fullmatch(text):
        return wrong
    if text.startswith("0000"):
        return far
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except ValueError:
        return wrong
    except OverflowError:
        return far
    if moment.year < YEAR_MIN:
        return far
    whole, _, fraction = moment.replace(tzinfo=None).isoformat().partition(".")
    return f"{whole}.{fraction.rstrip('0')}Z" if fraction else f"{whole}Z"


TYPES = {
    "integer": Type(quick_integers, read_integer),
    "text": Type(quick_texts, read_text),
    "timestamp": Type(quick_timestamps, read_timestamp),
}
