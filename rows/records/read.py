"""Physical lines to records, strictly by RFC 4180: what breaks its quoting is one refused record, never two."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from rows.bytes.turn import LARGE_CHARS
from rows.fault import Fault
from rows.records.lines import BATCH_CHARS, Bookmark, Lines, LongLine
from rows.records.quoting import BEGUN, OPEN, go_on, is_well_quoted, split_record
from rows.records.records import BAD_QUOTING, LONE_SURROGATE, UNDECODABLE, Records, too_long

LINE_CHARS = 60
"""A line takes as much memory as so many characters more."""


def read(source: Lines, delimiter: str, batch_rows: int, chars_max: int) -> Iterator[Records]:
    """Yield the records of the lines in batches of at most batch_rows; one past chars_max characters is broken.

    A batch has no more than BATCH_CHARS characters, or is a single record, which is read in turn.
    """
    # No generator: that would hold each batch until the next is there.
    return iter(partial(_read_batch, source, delimiter, batch_rows, chars_max), None)


def _read_batch(source: Lines, delimiter: str, batch_rows: int, chars_max: int) -> Records | None:
    """Return the next batch, None at the end."""
    place = source.bookmark()
    batch = source.take(batch_rows)
    if not batch:
        return None
    text = "".join(batch)
    if '"' in text:
        source.put_back(batch)
        del batch, text  # not to be held beside what is read of them
        records = _read_quoted(source, delimiter, batch_rows, chars_max, place)
    else:
        raws = [line.rstrip("\r\n") for line in batch] if "\r" in text else text.removesuffix("\n").split("\n")
        del text
        records = Records(list(range(source.line - len(batch), source.line)), raws, delimiter)
    records.place = place
    _break_unreadable(records, chars_max)
    return records


class _Taken(NamedTuple):
    """The lines of a record, as far as they are held, their characters, and whether a quote may still be open."""

    lines: list[str]
    chars: int
    is_open: bool

    def raw(self) -> str:
        return _without_end("".join(self.lines))


def _read_quoted(source: Lines, delimiter: str, batch_rows: int, chars_max: int, place: Bookmark) -> Records:
    """Read a batch with quotes in it, record by record: a broken one ends at its first physical line.

    place is where it begins. A record that may be long is put back unless it is the first: it is a batch of its own.
    """
    first = _read_first(source, delimiter, chars_max, place)
    records = Records([first.line], [first.raw], delimiter, [first.fields])
    if first.fault:
        records.broken[0] = first.fault
    chars = len(first.raw)
    while len(records) < batch_rows and chars < BATCH_CHARS:
        line, most = source.line, min(chars_max, BATCH_CHARS - chars)
        taken = _take(source, delimiter, most, is_first=False)
        if not taken.lines or taken.is_open or taken.chars > most:
            source.put_back(taken.lines)
            break
        raw = taken.raw()
        fields = split_record(raw, delimiter)
        if fields is None:
            source.put_back(taken.lines[1:])
            raw = _without_end(taken.lines[0])
            records.broken[len(records)] = BAD_QUOTING
        records.append(line, raw, fields)
        chars += len(raw)
    return records


def _take(source: Lines, delimiter: str, chars_max: int, is_first: bool) -> _Taken:
    """Take a line, and more while a quote is open and the record is no longer than chars_max.

    Does not go on to a large line where the record is not the first of its batch.
    """
    taken: list[str] = []
    is_open, chars = False, 0
    while chars <= chars_max and (is_first or not source.is_before_long) and (line := source.next()) is not None:
        taken.append(line)
        chars += len(line)
        source.turn.need(chars + len(taken) * LINE_CHARS)
        if isinstance(line, LongLine):
            return _Taken(taken, chars, True)
        is_open ^= line.count('"') % 2 == 1
        if not is_open or (len(taken) == 1 and go_on(BEGUN, _without_end(line), delimiter) is None):
            return _Taken(taken, chars, False)
    return _Taken(taken, chars, is_open)


class _First(NamedTuple):
    """The first record of a batch; fields is None where it is not split, as it is large or has a fault."""

    line: int
    raw: str
    fields: list[str] | None
    fault: Fault | None


def _read_first(source: Lines, delimiter: str, chars_max: int, place: Bookmark) -> _First:
    """Read the first record from a place on. Lines of a large one are read again where it is broken."""
    line, taken = source.line, _take(source, delimiter, chars_max, is_first=True)
    raw = taken.raw()
    if taken.is_open or len(raw) > chars_max:
        if _pass_over(source, taken, delimiter):
            return _First(line, raw[: chars_max + 1], None, too_long(chars_max))
    elif len(raw) > LARGE_CHARS:
        taken.lines.clear()
        if is_well_quoted(raw, delimiter):
            return _First(line, raw, None, None)
    elif (fields := split_record(raw, delimiter)) is not None:
        return _First(line, raw, fields, None)
    source.go_back(place)
    return _First(line, _without_end(source.next() or ""), None, BAD_QUOTING)


def _pass_over(source: Lines, taken: _Taken, delimiter: str) -> bool:
    """Pass over the rest of a long record, and return whether it is well quoted."""
    standing: str | None = BEGUN
    for line in taken.lines:
        standing = _behind(line, standing, delimiter)
    taken.lines.clear()
    while standing == OPEN and (more := source.next()) is not None:
        standing = _behind(more, standing, delimiter)
    return standing not in (OPEN, None)


def _behind(line: str, standing: str | None, delimiter: str) -> str | None:
    """Return how the quotes stand behind a line."""
    if isinstance(line, LongLine):
        return line.standings[standing] if standing is not None else None
    if standing == OPEN and '"' not in line:
        return OPEN
    return go_on(standing, _without_end(line), delimiter)


def _without_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _break_unreadable(records: Records, chars_max: int) -> None:
    """Mark the records that hold bytes that could not be decoded, or are too long, as broken."""
    if not records.text.isascii() and LONE_SURROGATE.search(records.text):
        _break(records, UNDECODABLE, chars_max, LONE_SURROGATE.search)
    if len(records.text) > chars_max:
        _break(records, too_long(chars_max), chars_max, lambda raw: len(raw) > chars_max)
        records.cut(chars_max + 1)


def _break(records: Records, fault: Fault, chars_max: int, is_at_fault: Callable[[str], object]) -> None:
    for index, raw in enumerate(records.raws):
        if is_at_fault(raw) and records.broken.get(index) != too_long(chars_max):
            records.broken[index] = fault
