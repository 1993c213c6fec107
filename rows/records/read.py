"""Physical lines to records, strictly by RFC 4180: what breaks its quoting is one refused record, never two."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from rows.fault import Fault
from rows.records.lines import Bookmark, Lines, LongLine
from rows.records.masked import lines_without_open_quote, mask
from rows.records.quoting import BEGUN, OPEN, go_on, is_well_quoted
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
    records = _read_plain(source, batch, delimiter)
    records = records or _read_masked(source, batch, delimiter, chars_max)
    records = records or _read_quoted(source, batch, delimiter, chars_max)
    if not records:
        source.put_back(batch)
        del batch  # not to be held beside what is read of it
        records = _read_first(source, delimiter, chars_max, place)
    records.place = place
    _break_unreadable(records, chars_max)
    return records


def _read_plain(source: Lines, batch: list[str], delimiter: str) -> Records | None:
    """Read the lines of a batch, None where they have quotes."""
    text = "".join(batch)
    if '"' in text:
        return None
    return Records(list(range(source.line - len(batch), source.line)), _without_ends(batch, text), delimiter)


def _read_masked(source: Lines, batch: list[str], delimiter: str, chars_max: int) -> Records | None:
    """Read the lines of a batch all at once, but for a record at its end that goes on; None where any is broken."""
    count, text = len(batch), "".join(batch)
    if text.count('"') % 2:
        count = lines_without_open_quote(batch)
        text = "".join(batch[:count])
    masked = mask(text, delimiter) if text and LongLine not in set(map(type, batch)) else None
    if not masked:
        return None
    if len(masked.raws) == count:
        starts, raws = [*range(count)], _without_ends(batch[:count], text)
    else:
        starts, raws = _joined(batch[:count])
    if max(map(len, raws)) > chars_max:
        return None
    source.put_back(batch[count:])
    first = source.line - count
    return Records([first + start for start in starts], raws, delimiter, masked)


def _joined(lines: list[str]) -> tuple[list[int], list[str]]:
    """Return the places of the lines on which records begin, and their texts."""
    starts, raws = [], []
    begun: list[str] = []
    is_open = False
    for place, line in enumerate(lines):
        if not is_open:
            starts.append(place)
        begun.append(line)
        is_open ^= line.count('"') % 2 == 1
        if not is_open:
            raws.append(_without_end("".join(begun)))
            begun.clear()
    return starts, raws


def _read_quoted(source: Lines, batch: list[str], delimiter: str, chars_max: int) -> Records | None:
    """Read the lines of a batch record by record where they have quotes: a broken one ends at its first line.

    What may go on behind the batch, or is too long, is put back; None where that is its first record.
    """
    records = Records([], [], delimiter)
    first, place = source.line - len(batch), 0
    while place < len(batch):
        count = _lines_of_record(batch, place, delimiter)
        raw = _without_end("".join(batch[place : place + count]))
        if not count or len(raw) > chars_max:
            break
        if '"' in raw and not is_well_quoted(raw, delimiter):
            count, raw = 1, _without_end(batch[place])
            records.broken[len(records)] = BAD_QUOTING
        records.append(first + place, raw)
        place += count
    if not place:
        return None
    source.put_back(batch[place:])
    return records


def _lines_of_record(batch: list[str], place: int, delimiter: str) -> int:
    """Return how many lines the record has that begins there, 0 where they do not all stand in the batch."""
    is_open = False
    for count, line in enumerate(batch[place:], 1):
        if isinstance(line, LongLine) and '"' in line:
            return 0
        is_open ^= line.count('"') % 2 == 1
        if not is_open or (count == 1 and go_on(BEGUN, _without_end(line), delimiter) is None):
            return count
    return 0


class _Taken(NamedTuple):
    """The lines of a record, as far as they are held, and whether a quote may still be open."""

    lines: list[str]
    is_open: bool

    def raw(self) -> str:
        return _without_end("".join(self.lines))


def _take(source: Lines, delimiter: str, chars_max: int) -> _Taken:
    """Take a line, and more while a quote is open and the record is no longer than chars_max."""
    taken: list[str] = []
    is_open, chars = False, 0
    while chars <= chars_max and (line := source.next()) is not None:
        taken.append(line)
        chars += len(line)
        source.turn.need(chars + len(taken) * LINE_CHARS)
        if isinstance(line, LongLine):
            return _Taken(taken, True)
        is_open ^= line.count('"') % 2 == 1
        if not is_open or (len(taken) == 1 and go_on(BEGUN, _without_end(line), delimiter) is None):
            return _Taken(taken, False)
    return _Taken(taken, is_open)


def _read_first(source: Lines, delimiter: str, chars_max: int, place: Bookmark) -> Records:
    """Read the first record from a place on, as a batch of its own. Its lines are read again where it is broken."""
    line, taken = source.line, _take(source, delimiter, chars_max)
    raw = taken.raw()
    records = Records([line], [raw], delimiter)
    if taken.is_open or len(raw) > chars_max:
        if _pass_over(source, taken, delimiter):
            records.broken[0] = too_long(chars_max)
            records.cut(chars_max + 1)
            return records
    else:
        taken.lines.clear()
        if is_well_quoted(raw, delimiter):
            return records
    source.go_back(place)
    records = Records([line], [_without_end(source.next() or "")], delimiter)
    records.broken[0] = BAD_QUOTING
    return records


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


def _without_ends(lines: list[str], text: str) -> list[str]:
    """Return lines without their ends; the text is all of them."""
    return [line.rstrip("\r\n") for line in lines] if "\r" in text else text.removesuffix("\n").split("\n")


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
