"""Records, as they are before anybody knows what their fields mean."""

import re
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

from rows.bytes.turn import LARGE_CHARS
from rows.fault import Fault
from rows.records.masked import Masked, mask
from rows.records.quoting import each_field

BLANK = " \t"
"""What is trimmed from both ends of a field."""

BAD_QUOTING = Fault(
    "bad_quoting",
    "has a quote inside an unquoted field, text after a closing quote, or a quote that does not close",
)
UNDECODABLE = Fault("undecodable", "has bytes that are not valid in the file's encoding")

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Records:
    """A batch of records, side by side: record i starts on physical line lines[i], counted from 1.

    raws[i] is its text without the last line end. A record whose index is in `broken` could not be read, for the
    fault given there. One whose index is in `delimiters` came out of a file of refused rows, and has that delimiter;
    one in `headers` was refused as a header. place is where the file can be read again from, no later than they begin.
    """

    def __init__(self, lines: list[int], raws: list[str], delimiter: str, masked: Masked | None = None):
        """masked has all of them where they have quotes, unless they were not read all at once."""
        self._text: str | None = None
        self.lines = lines
        self.raws = raws
        self.broken: dict[int, Fault] = {}
        self.delimiters: dict[int, str] = {}
        self.headers: set[int] = set()
        self.place: Any = None
        self._delimiter = delimiter
        self._masked = masked
        self._replaced: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self.raws)

    def fields(self, index: int) -> list[str]:
        """Return a record's fields as they were sent, unquoted; those of one that is broken are none."""
        return [] if index in self.broken else [*self.each_field(index)]

    def each_field(self, index: int) -> Iterable[str]:
        """Return the fields of a record that is not broken, one by one where it is large and has quotes."""
        raw = self.raws[index]
        if index in self._replaced:
            return self._replaced[index]
        if '"' not in raw:
            return raw.split(self._delimiter)
        fields = each_field(raw, self._delimiter)
        return fields if len(raw) > LARGE_CHARS else [*fields]

    def width(self, index: int) -> int:
        """Return how many fields a record has, without a list of them, which is large where they are very many."""
        if index in self.broken:
            return 0
        if index not in self._replaced and '"' not in self.raws[index]:
            return self.raws[index].count(self._delimiter) + 1
        return sum(1 for _ in self.each_field(index))

    def is_empty(self, index: int) -> bool:
        """Whether a record could be read, and has nothing in any of its fields."""
        if index in self.broken:
            return False
        if index not in self._replaced and '"' not in self.raws[index]:
            return not self.raws[index].strip(BLANK + self._delimiter)
        return not any(field.strip(BLANK) for field in self.each_field(index))

    @property
    def text(self) -> str:
        """The text of all records, for a look at whether something is anywhere in it."""
        if self._text is None:
            self._text = self._delimiter.join(self.raws)
        return self._text

    def append(self, line: int, raw: str) -> None:
        """Add a record."""
        self.lines.append(line)
        self.raws.append(raw)
        self._text = None

    def replace(self, index: int, raw: str, delimiter: str, fields: list[str]) -> None:
        """Put another text and its fields in the place of a record's."""
        self._replaced[index] = fields
        self.raws[index] = raw
        self.delimiters[index] = delimiter
        self._text = self._masked = None

    def cut(self, chars: int) -> None:
        """Keep no more than so many characters of any record."""
        self.raws = [raw[:chars] for raw in self.raws]
        self._text = None

    def are_all(self, width: int) -> bool:
        """Whether each record has so many fields, as far as a quick look can tell."""
        if self.broken or self._replaced or ('"' in self.text and not self._masked):
            return False
        raws = self._masked.raws if self._masked else self.raws
        return set(map(str.count, raws, repeat(self._delimiter))) == {width - 1}

    def columns(self, indexes: Sequence[int], width: int) -> list[list[str]]:
        """Return the fields side by side of those records that have so many, none of which may be broken.

        To split them at once takes a quarter of the time of one by one.
        """
        fields = self._fields_of(indexes) if indexes else []
        return [fields[place::width] for place in range(width)]

    def _fields_of(self, indexes: Sequence[int]) -> list[str]:
        """Return the fields of these records, one record behind the other."""
        is_all = len(indexes) == len(self)
        if self._masked and is_all:
            return self._masked.unmasked()
        if self._replaced:
            return [field for index in indexes for field in self.each_field(index)]
        raws = self.raws if is_all else [self.raws[index] for index in indexes]
        text = self._delimiter.join(raws)
        if '"' not in text:
            return text.split(self._delimiter)
        masked = mask("".join(f"{raw}\n" for raw in raws), self._delimiter) if len(text) <= LARGE_CHARS else None
        return masked.unmasked() if masked else [field for index in indexes for field in self.each_field(index)]

    def parts(self) -> tuple[Any, ...]:
        """Return what of_parts makes records of that are refused alike: nothing but what marshal writes."""
        return self.lines, self.raws, self._delimiter, self._replaced, self.delimiters

    @classmethod
    def of_parts(
        cls,
        lines: list[int],
        raws: list[str],
        delimiter: str,
        replaced: dict[int, list[str]],
        delimiters: dict[int, str],
    ) -> "Records":
        """Return the records of parts; which of them are broken is not known."""
        records = cls(lines, raws, delimiter)
        records._replaced = replaced
        records.delimiters = delimiters
        return records

    def before(self, count: int) -> "Records":
        """Return the first `count` of these records."""
        return self._part(0, max(count, 0))

    def after(self, count: int) -> "Records":
        """Return these records without the first `count`."""
        return self._part(count, len(self))

    def _part(self, start: int, end: int) -> "Records":
        part = Records(self.lines[start:end], self.raws[start:end], self._delimiter)
        part._replaced = {index - start: self._replaced[index] for index in self._replaced if start <= index < end}
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
