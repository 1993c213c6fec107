"""Records, as they are before anybody knows what their fields mean."""

import re
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

from rows.fault import Fault
from rows.records.quoting import each_field

BLANK = " \t"
"""What is trimmed from both ends of a field."""

BAD_QUOTING = Fault(
    "bad_quoting",
    "has a quote inside an unquoted field, text after a closing quote, or a quote that does not close",
)
UNDECODABLE = Fault("undecodable", "has bytes that are no text in the file's encoding")

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Records:
    """A batch of records, side by side: record i starts on physical line lines[i], counted from 1.

    raws[i] is its text without the last line end. A record whose index is in `broken` could not be read, for the
    fault given there. One whose index is in `delimiters` came out of a file of refused rows, and has that delimiter;
    one in `headers` was refused as a header. place is where the file can be read again from, no later than they begin.
    """

    def __init__(self, lines: list[int], raws: list[str], delimiter: str, fields: list[list[str] | None] | None = None):
        """fields is None where no record has a quote, else it has those of each, None for one that is not split yet."""
        self._text: str | None = None
        self.lines = lines
        self.raws = raws
        self.broken: dict[int, Fault] = {}
        self.delimiters: dict[int, str] = {}
        self.headers: set[int] = set()
        self.place: Any = None
        self._delimiter = delimiter
        self._fields = fields

    def __len__(self) -> int:
        return len(self.raws)

    def fields(self, index: int) -> list[str]:
        """Return a record's fields as they were sent, unquoted; those of one that is broken are none."""
        return [] if index in self.broken else [*self.each_field(index)]

    def each_field(self, index: int) -> Iterable[str]:
        """Return the fields of a record that is not broken, one by one where it is large and has quotes."""
        if self._fields is None:
            return self.raws[index].split(self._delimiter)
        fields = self._fields[index]
        return each_field(self.raws[index], self._delimiter) if fields is None else fields

    def width(self, index: int) -> int:
        """Return how many fields a record has, without a list of them, which is large where they are very many."""
        if index in self.broken:
            return 0
        if self._fields is None:
            return self.raws[index].count(self._delimiter) + 1
        return sum(1 for _ in self.each_field(index))

    def is_empty(self, index: int) -> bool:
        """Whether a record could be read, and has nothing in any of its fields."""
        if index in self.broken:
            return False
        if self._fields is None:
            return not self.raws[index].strip(BLANK + self._delimiter)
        return not any(field.strip(BLANK) for field in self.each_field(index))

    @property
    def text(self) -> str:
        """The text of all records, for a look at whether something is anywhere in it."""
        if self._text is None:
            self._text = self._delimiter.join(self.raws)
        return self._text

    def append(self, line: int, raw: str, fields: list[str] | None) -> None:
        """Add a record to those of a batch with quotes."""
        if self._fields is not None:
            self._fields.append(fields)
        self.lines.append(line)
        self.raws.append(raw)

    def replace(self, index: int, raw: str, delimiter: str, fields: list[str]) -> None:
        """Put another text and its fields in the place of a record's."""
        if self._fields is None:
            self._fields = [other.split(self._delimiter) for other in self.raws]
        self._fields[index] = fields
        self.raws[index] = raw
        self.delimiters[index] = delimiter
        self._text = None

    def cut(self, chars: int) -> None:
        """Keep no more than so many characters of any record."""
        self.raws = [raw[:chars] for raw in self.raws]
        self._text = None

    def columns(self, width: int) -> list[list[str]] | None:
        """Return the fields of all records side by side, if each record plainly has as many, or None.

        Most batches are read by this alone: to split them at once takes a quarter of the time of one by one.
        """
        if self.broken or self._fields is not None:
            return None
        if set(map(str.count, self.raws, repeat(self._delimiter))) != {width - 1}:
            return None
        fields = self.text.split(self._delimiter)
        return [fields[place::width] for place in range(width)]

    def parts(self) -> tuple[Any, ...]:
        """Return what of_parts makes records of that are refused alike: nothing but what marshal writes."""
        return self.lines, self.raws, self._delimiter, self._fields, [*self.broken], self.delimiters

    @classmethod
    def of_parts(
        cls,
        lines: list[int],
        raws: list[str],
        delimiter: str,
        fields: list[list[str] | None] | None,
        broken: Iterable[int],
        delimiters: dict[int, str],
    ) -> "Records":
        """Return the records of parts; of those that are broken only that is known."""
        records = cls(lines, raws, delimiter, fields)
        records.broken = dict.fromkeys(broken, BAD_QUOTING)
        records.delimiters = delimiters
        return records

    def before(self, count: int) -> "Records":
        """Return the first `count` of these records."""
        return self._part(0, max(count, 0))

    def after(self, count: int) -> "Records":
        """Return these records without the first `count`."""
        return self._part(count, len(self))

    def _part(self, start: int, end: int) -> "Records":
        fields = None if self._fields is None else self._fields[start:end]
        part = Records(self.lines[start:end], self.raws[start:end], self._delimiter, fields)
        part.broken = {index - start: fault for index, fault in self.broken.items() if start <= index < end}
        part.place = self.place
        return part


def is_empty(fields: Sequence[str]) -> bool:
    """Whether a record has fields, and nothing in any of them."""
    return bool(fields) and not any(field.strip(BLANK) for field in fields)


def too_long(chars_max: int) -> Fault:
    return Fault("too_long", f"has more than {chars_max} characters (RECORD_CHARS_MAX)")


def wrong_field_count(found: int, expected: int) -> Fault:
    return Fault("wrong_field_count", f"has {found} field{'s' * (found != 1)} where {expected} are expected")
