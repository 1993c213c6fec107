"""What is wrong with a record, as a value."""

from typing import NamedTuple

VALUE_SHOWN_CHARS = 60
"""A reason quotes at most this much of a value; the record itself is kept whole."""


class Fault(NamedTuple):
    """One broken rule; the predicate completes a sentence that begins with the column's name or `the record`."""

    code: str
    predicate: str


def quote(value: str) -> str:
    """Return the value between quotes, its end left out where it is long."""
    return f"'{value}'" if len(value) <= VALUE_SHOWN_CHARS else f"'{value[:VALUE_SHOWN_CHARS]}...'"
