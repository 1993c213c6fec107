"""Texts to values, one rule a column type: each reads a whole column at once, or one text with its fault.

`quick` takes the column's texts and returns its values, or None if any text needs a closer look; `read` takes one
trimmed text that is not empty and returns its value or a Fault. Both give the same value for the same text.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rows.fault import Fault
from rows.values.integers import quick_integers, read_integer
from rows.values.texts import quick_texts, read_text
from rows.values.timestamps import quick_timestamps, read_timestamp

Value = int | str | None


class Type(NamedTuple):
    """The two readings of a column type."""

    quick: Callable[[Sequence[str]], Sequence[Value] | None]
    read: Callable[[str], Value | Fault]


TYPES = {
    "integer": Type(quick_integers, read_integer),
    "text": Type(quick_texts, read_text),
    "timestamp": Type(quick_timestamps, read_timestamp),
}
