"""One batch as it was read and checked: what is held of it until it is stored."""

from typing import Any, NamedTuple

from rows.records.records import Records
from rows.values.check import Checked


class Read(NamedTuple):
    """A batch of records, checked. records is None for a large one: it can be read again from a place in the file.

    line is where it begins; has_backslash and beyond_ascii say what its text has, the latter by index.
    """

    checked: Checked
    records: Records | None
    place: Any
    line: int
    has_backslash: bool
    beyond_ascii: frozenset[int]


def read_of(records: Records, checked: Checked, is_large: bool) -> Read:
    """Return what is held of a batch."""
    beyond_ascii: frozenset[int] = frozenset()
    if not records.text.isascii():
        beyond_ascii = frozenset(index for index, raw in enumerate(records.raws) if not raw.isascii())
    held = None if is_large else records
    line = records.lines[0] if records.lines else 0
    return Read(checked, held, records.place, line, "\\" in records.text, beyond_ascii)
