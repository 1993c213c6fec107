"""Physical lines to records, strictly by RFC 4180: what breaks its quoting is one refused record, never two."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from rows.fault import Fault
from rows.records.lines import BATCH_CHARS, Lines, LongLine
from rows.records.quoting import BEGUN, OPEN, go_on, split_record
from rows.records.records import BAD_QUOTING, LONE_SURROGATE, UNDECODABLE, Records, too_long


def read(source: Lines, delimiter: str, batch_rows: int, chars_max: int) -> Iterator[Records]:
    """Yield the records of the lines in batches of at most batch_rows; one past chars_max characters is broken."""
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


class _Taken(NamedTuple):
    """The lines of a record, as far as they are held, and whether a quote may still be open behind them."""

    lines: list[str]
    is_open: bool

    def raw(self) -> str:
        return _without_end("".join(self.lines))


def _read_quoted(source: Lines, delimiter: str, batch_rows: int, chars_max: int) -> Records:
    """Read a batch with quotes in it, record by record: a broken one ends at its first physical line."""
    records = Records([], [], delimiter, [])
    chars = 0
    while len(records) < batch_rows and chars < BATCH_CHARS:
        line = source.line
        taken = _take(source, delimiter, chars_max)
        if not taken.lines:
            break
        raw = taken.raw()
        is_long = taken.is_open or len(raw) > chars_max
        fields = None if is_long else split_record(raw, delimiter)
        if is_long and _pass_over(source, taken, delimiter):
            raw = raw[: chars_max + 1]
            records.broken[len(records)] = too_long(chars_max)
        elif fields is None:
            source.put_back(taken.lines[1:])
            raw = _without_end(taken.lines[0])
            records.broken[len(records)] = BAD_QUOTING
        records.append(line, raw, fields or [])
        chars += len(raw)
    return records


def _take(source: Lines, delimiter: str, chars_max: int) -> _Taken:
    """Take a line, and more while a quote is open and the record is no longer than chars_max."""
    taken: list[str] = []
    is_open, chars = False, 0
    while chars <= chars_max and (line := source.next()) is not None:
        taken.append(line)
        chars += len(line)
        if isinstance(line, LongLine):
            return _Taken(taken, True)
        is_open ^= line.count('"') % 2 == 1
        if not is_open or (len(taken) == 1 and go_on(BEGUN, _without_end(line), delimiter) is None):
            return _Taken(taken, False)
    return _Taken(taken, is_open)


def _pass_over(source: Lines, taken: _Taken, delimiter: str) -> bool:
    """Pass over the rest of a long record, and return whether it is well quoted; where it is not, over nothing."""
    standing: str | None = BEGUN
    for line in taken.lines:
        standing = _behind(line, standing, delimiter)
    bookmark = source.bookmark()
    while standing == OPEN and (more := source.next()) is not None:
        standing = _behind(more, standing, delimiter)
    is_well_quoted = standing not in (OPEN, None)
    if not is_well_quoted:
        source.go_back(bookmark)
    return is_well_quoted


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
            records.fields[index] = []
            records.broken[index] = fault
