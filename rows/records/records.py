"""Records, as they are before anybody knows what their fields mean."""

import re
from collections.abc import Sequence
from itertools import repeat

from rows.fault import Fault

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
    one in `headers` was refused as a header.
    """

    def __init__(self, lines: list[int], raws: list[str], delimiter: str, fields: list[list[str]] | None = None):
        """fields is None where no record has a quote: then they are what stands between the delimiters."""
        self._text: str | None = None
        self.lines = lines
        self.raws = raws
        self.broken: dict[int, Fault] = {}
        self.delimiters: dict[int, str] = {}
        self.headers: set[int] = set()
        self._delimiter = delimiter
        self._fields = fields

    def __len__(self) -> int:
        return len(self.raws)

    @property
    def fields(self) -> list[list[str]]:
        """Each record's fields as they were sent, unquoted; those that are broken have none."""
        if self._fields is None:
            self._fields = [raw.split(self._delimiter) for raw in self.raws]
        return self._fields

    @property
    def text(self) -> str:
        """The text of all records, for a look at whether something is anywhere in it."""
        if self._text is None:
            self._text = self._delimiter.join(self.raws)
        return self._text

    def append(self, line: int, raw: str, fields: list[str]) -> None:
        self.lines.append(line)
        self.raws.append(raw)
        self.fields.append(fields)

    def replace(self, index: int, raw: str, delimiter: str) -> None:
        """Put another text in the place of a record's."""
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
        if self._fields is not None or set(map(str.count, self.raws, repeat(self._delimiter))) != {width - 1}:
            return None
        fields = self.text.split(self._delimiter)
        return [fields[place::width] for place in range(width)]

    def before(self, count: int) -> "Records":
        """Return the first `count` of these records."""
        fields = None if self._fields is None else self._fields[:count]
        first = Records(self.lines[:count], self.raws[:count], self._delimiter, fields)
        first.broken = {index: fault for index, fault in self.broken.items() if index < count}
        return first

    def after(self, count: int) -> "Records":
        """Return these records without the first `count`."""
        fields = None if self._fields is None else self._fields[count:]
        rest = Records(self.lines[count:], self.raws[count:], self._delimiter, fields)
        rest.broken = {index - count: fault for index, fault in self.broken.items() if index >= count}
        return rest


def is_empty(fields: Sequence[str]) -> bool:
    """Whether a record has fields, and nothing in any of them."""
    return bool(fields) and not any(field.strip(BLANK) for field in fields)


def too_long(chars_max: int) -> Fault:
    return Fault("too_long", f"has more than {chars_max} characters (RECORD_CHARS_MAX)")


def wrong_field_count(found: int, expected: int) -> Fault:
    return Fault("wrong_field_count", f"has {found} field{'s' * (found != 1)} where {expected} are expected")
