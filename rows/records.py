"""Physical lines to records, strictly by RFC 4180: what breaks its quoting is one refused record, never two."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice, repeat

from rows.reject import Fault

BAD_QUOTING = Fault(
    "bad_quoting",
    "has a quote inside an unquoted field, text after a closing quote, or a quote that does not close",
)
UNDECODABLE = Fault("undecodable", "has bytes that are no text in the file's encoding (?encoding= names another)")

BATCH_CHARS = 1024 * 1024
"""A batch takes no further lines once it has this many characters."""

LINES_AHEAD = 1000
"""Lines that are taken at once where they are read one by one."""

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Records:
    """A batch of records, side by side: record i starts on physical line lines[i], counted from 1.

    raws[i] is its text without the last line end. A record whose index is in `broken` could not be read, for the
    fault given there.
    """

    def __init__(self, lines: list[int], raws: list[str], delimiter: str, fields: list[list[str]] | None = None):
        """fields is None where no record has a quote: then they are what stands between the delimiters."""
        self.lines = lines
        self.raws = raws
        self.broken: dict[int, Fault] = {}
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

    def append(self, line: int, raw: str, fields: list[str]) -> None:
        self.lines.append(line)
        self.raws.append(raw)
        self.fields.append(fields)

    def columns(self, width: int) -> list[list[str]] | None:
        """Return the fields of all records side by side, if each record plainly has as many, or None.

        Most batches are read by this alone: to split them at once takes a quarter of the time of one by one.
        """
        if self._fields is not None or set(map(str.count, self.raws, repeat(self._delimiter))) != {width - 1}:
            return None
        fields = self._delimiter.join(self.raws).split(self._delimiter)
        return [fields[place::width] for place in range(width)]

    def after(self, count: int) -> "Records":
        """Return these records without the first `count`."""
        fields = None if self._fields is None else self._fields[count:]
        rest = Records(self.lines[count:], self.raws[count:], self._delimiter, fields)
        rest.broken = {index - count: fault for index, fault in self.broken.items() if index >= count}
        return rest


def read(lines: Iterable[list[str]], delimiter: str, batch_rows: int, chars_max: int) -> Iterator[Records]:
    """Yield the records of the lines in batches of at most batch_rows; one past chars_max characters is broken."""
    source = _Lines(lines)
    while batch := source.take(batch_rows):
        text = "".join(batch)
        if '"' in text:
            source.put_back(batch)
            records = _read_quoted(source, delimiter, batch_rows, chars_max)
        else:
            raws = [line.rstrip("\r\n") for line in batch] if "\r" in text else text.removesuffix("\n").split("\n")
            records = Records(list(range(source.line - len(batch), source.line)), raws, delimiter)
        _break_unreadable(records, chars_max)
        yield records


class _Lines:
    """The file's lines, some of which can be put back; `line` is the number of the next one."""

    def __init__(self, blocks: Iterable[list[str]]):
        self._blocks = iter(blocks)
        self._returned: deque[str] = deque()
        self.line = 1

    def take(self, most: int) -> list[str]:
        """Return the next lines, at most so many, and fewer where they are long."""
        taken = [*islice(self._returned, most)]
        self._returned = deque(islice(self._returned, most, None))
        chars = sum(map(len, taken))
        while len(taken) < most and chars < BATCH_CHARS and (block := next(self._blocks, None)) is not None:
            taken += block
            chars += sum(map(len, block))
        self.line += len(taken)
        if len(taken) > most:
            self.put_back(taken[most:])
            del taken[most:]
        return taken

    def next(self) -> str | None:
        """Return the next line, or None at the end."""
        if not self._returned:
            self.put_back(self.take(LINES_AHEAD))
        if not self._returned:
            return None
        self.line += 1
        return self._returned.popleft()

    def put_back(self, lines: Sequence[str]) -> None:
        self._returned.extendleft(reversed(lines))
        self.line -= len(lines)


def split_record(raw: str, delimiter: str) -> list[str] | None:
    """Return a record's fields, unquoted, or None where its quoting is broken."""
    field, record = _patterns(delimiter)
    if not record.fullmatch(raw + delimiter):
        return None
    return [quoted.replace('""', '"') if quoted else plain for quoted, plain in field.findall(raw + delimiter)]


@cache
def _patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a field and of a record, in which a delimiter follows every field, the last one too."""
    mark = re.escape(delimiter)
    field = rf'(?:"((?:[^"]++|"")*+)"|([^"\r\n{mark}]*+)){mark}'
    return re.compile(field), re.compile(f"(?:{field})++")


def _read_quoted(source: _Lines, delimiter: str, batch_rows: int, chars_max: int) -> Records:
    """Read a batch with quotes in it, record by record: a broken one ends at its first physical line."""
    records = Records([], [], delimiter, [])
    chars = 0
    while len(records) < batch_rows and chars < BATCH_CHARS and (taken := _take_record(source, chars_max)):
        line = source.line - len(taken)
        raw = _without_end("".join(taken))
        fields = split_record(raw, delimiter) if len(raw) <= chars_max else None
        if fields is None:
            source.put_back(taken[1:])
            raw = _without_end(taken[0])
            records.broken[len(records)] = BAD_QUOTING
        records.append(line, raw, fields or [])
        chars += len(raw)
    return records


def _take_record(source: _Lines, chars_max: int) -> list[str]:
    """Take a line, and more while a quote is open and the record is no longer than chars_max."""
    taken: list[str] = []
    is_open, chars = False, 0
    while chars <= chars_max and (line := source.next()) is not None:
        taken.append(line)
        is_open ^= line.count('"') % 2 == 1
        if not is_open:
            break
        chars += len(line)
    return taken


def _without_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _break_unreadable(records: Records, chars_max: int) -> None:
    """Mark the records that are too long, or hold bytes that could not be decoded, as broken."""
    text = "".join(records.raws)
    if len(text) > chars_max:
        too_long = Fault("too_long", f"has more than {chars_max} characters (RECORD_CHARS_MAX)")
        _break(records, too_long, chars_max, lambda raw: len(raw) > chars_max)
    if not text.isascii() and LONE_SURROGATE.search(text):
        _break(records, UNDECODABLE, chars_max, LONE_SURROGATE.search)


def _break(records: Records, fault: Fault, chars_max: int, is_at_fault: Callable[[str], object]) -> None:
    for index, raw in enumerate(records.raws):
        if is_at_fault(raw):
            records.raws[index] = raw[: chars_max + 1]
            records.fields[index] = []
            records.broken[index] = fault
