"""A record that is read by itself: it may be as long as a record may be, and longer."""

from typing import NamedTuple

from rows.records.lines import Bookmark, Lines, LongLine, without_end
from rows.records.quoting import BEGUN, OPEN, go_on, is_well_quoted
from rows.records.records import BAD_QUOTING, Records, too_long

LINE_CHARS = 60
"""A line takes as much memory as so many characters more."""


def read_alone(source: Lines, delimiter: str, chars_max: int, place: Bookmark) -> Records:
    """Return the next record, which begins at the place, as a batch of its own: it is long, or leaves its batch.

    Its lines are read again where it is broken.
    """
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
    records = Records([line], [without_end(source.next() or "")], delimiter)
    records.broken[0] = BAD_QUOTING
    return records


class _Taken(NamedTuple):
    """The lines of a record, as far as they are held, and whether a quote may still be open."""

    lines: list[str]
    is_open: bool

    def raw(self) -> str:
        return without_end("".join(self.lines))


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
        if not is_open or (len(taken) == 1 and go_on(BEGUN, without_end(line), delimiter) is None):
            return _Taken(taken, False)
    return _Taken(taken, is_open)


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
    return go_on(standing, without_end(line), delimiter)
