"""Texts."""

from collections.abc import Sequence

from rows.fault import Fault, quote
from rows.records.records import BLANK

TEXT_CHARS_MAX = 1000


def quick_texts(texts: Sequence[str]) -> Sequence[str | None] | None:
    """Read a column of text that is short enough and has no NUL character."""
    if max(map(len, texts)) > TEXT_CHARS_MAX or "\0" in "".join(texts):
        return None
    return [text.strip(BLANK) or None for text in texts]


def read_text(text: str) -> str | Fault:
    """Read up to 1,000 characters without a NUL character, which PostgreSQL could not hold."""
    if "\0" in text:
        return Fault("nul_character", f"has a NUL character: {quote(text)}")
    if len(text) > TEXT_CHARS_MAX:
        return Fault("too_long", f"has {len(text)} characters, more than {TEXT_CHARS_MAX}: {quote(text)}")
    return text
