"""Quotes, as RFC 4180 has them and not otherwise: a record's text to its fields, and whether a quote is still open."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

BEGUN = ""
"""Where nothing has come of a field yet."""

OPEN = '"'
"""Where a quote is open."""


class Patterns(NamedTuple):
    field: re.Pattern[str]
    """A field and the delimiter behind it: group 1 is what is quoted, group 2 what is not."""

    record: re.Pattern[str]
    """A record, with a delimiter behind every field, the last one too."""

    beginning: re.Pattern[str]
    """The beginning of a record: group 1 is the quote that opened its last field, group 2 the one that closed that."""


def split_record(raw: str, delimiter: str) -> list[str] | None:
    """Return a record's fields, unquoted, or None where its quoting is broken."""
    patterns = _patterns(delimiter)
    if not patterns.record.fullmatch(raw + delimiter):
        return None
    return [quoted.replace('""', '"') if quoted else plain for quoted, plain in patterns.field.findall(raw + delimiter)]


def is_well_quoted(raw: str, delimiter: str) -> bool:
    """Whether a record can be split."""
    return _patterns(delimiter).record.fullmatch(raw + delimiter) is not None


def each_field(raw: str, delimiter: str) -> Iterator[str]:
    """Yield the fields of a record that can be split, one by one: a list of very many is large."""
    for match in _patterns(delimiter).field.finditer(raw + delimiter):
        quoted, plain = match.groups("")
        yield quoted.replace('""', '"') if quoted else plain


def go_on(standing: str | None, text: str, delimiter: str) -> str | None:
    """Return how the quotes stand behind a further piece of a record, None where they are broken.

    That is told by a short text that they stand alike behind: BEGUN, OPEN, x in a field without quotes, and two quotes
    behind one that closes a field, or is the first of two that stand for one.
    """
    if standing is None:
        return None
    text = standing + text
    match = _patterns(delimiter).beginning.fullmatch(text)
    if not match:
        return None
    if match[1]:
        return OPEN + (match[2] or "")
    return "x" if text and not text.endswith(delimiter) else BEGUN


@cache
def _patterns(delimiter: str) -> Patterns:
    mark = re.escape(delimiter)
    quoted, plain = r'"((?:[^"]++|"")*+)"', rf'([^"\r\n{mark}]*+)'
    field = f"(?:{quoted}|{plain}){mark}"
    beginning = rf'(?:(?:"(?:[^"]++|"")*+"|[^"\r\n{mark}]*+){mark})*+(?:(")(?:[^"]++|"")*+(")?|[^"\r\n{mark}]*+)'
    return Patterns(re.compile(field), re.compile(f"(?:{field})++"), re.compile(beginning))
