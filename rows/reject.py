"""What is wrong with a record, as a value: a fault found in it, and the refused row that is kept and shown."""

from typing import NamedTuple

VALUE_SHOWN_CHARS = 60
"""A reason quotes at most this much of a value; the record itself is kept whole."""


class Fault(NamedTuple):
    """One broken rule; the predicate completes a sentence that begins with the column's name or `the record`."""

    code: str
    predicate: str


class Reject(NamedTuple):
    """A refused row: the physical line its record starts on, counted from 1, what is wrong, and what was sent.

    column is None where the whole record is at fault. record is its text, escaped; fields are its fields as they
    were sent, in the table's column order, None where it could not be split into the columns.
    """

    line: int
    column: str | None
    code: str
    reason: str
    record: str
    fields: list[str] | None


def quote(value: str) -> str:
    """Return the value between quotes, its end left out where it is long."""
    return f"'{value}'" if len(value) <= VALUE_SHOWN_CHARS else f"'{value[:VALUE_SHOWN_CHARS]}...'"
