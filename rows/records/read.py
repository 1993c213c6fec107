"""Physical lines to records, strictly by RFC 4180: what breaks its quoting is one refused record, never two."""

from collections.abc import Callable, Iterator
from functools import partial

from rows.fault import Fault
from rows.records.alone import read_alone
from rows.records.lines import BATCH_CHARS, Lines, LongLine, without_end
from rows.records.masked import lines_without_open_quote, mask
from rows.records.quoting import BEGUN, go_on, is_well_quoted
from rows.records.records import BAD_QUOTING, LONE_SURROGATE, UNDECODABLE, Records, too_long


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
        records = read_alone(source, delimiter, chars_max, place)
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
    is_held = 0 < len(text) <= BATCH_CHARS and LongLine not in set(map(type, batch))
    masked = mask(text, delimiter) if is_held else None
    if not masked:
        return None
    if len(masked.raws) == count:
        starts, raws = [*range(count)], _without_ends(batch[:count], text)
    else:
        starts, raws = _raws_of(batch[:count])
    if max(map(len, raws)) > chars_max:
        return None
    source.put_back(batch[count:])
    first = source.line - count
    return Records([first + start for start in starts], raws, delimiter, masked)


def _raws_of(lines: list[str]) -> tuple[list[int], list[str]]:
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
            raws.append(without_end("".join(begun)))
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
        raw = without_end("".join(batch[place : place + count]))
        if not count or len(raw) > chars_max:
            break
        if '"' in raw and not is_well_quoted(raw, delimiter):
            count, raw = 1, without_end(batch[place])
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
    for end in range(place, len(batch)):
        line = batch[end]
        if isinstance(line, LongLine) and '"' in line:
            return 0
        is_open ^= line.count('"') % 2 == 1
        if not is_open or (end == place and go_on(BEGUN, without_end(line), delimiter) is None):
            return end - place + 1
    return 0


def _without_ends(lines: list[str], text: str) -> list[str]:
    """Return lines without their ends; the text is all of them."""
    return [line.rstrip("\r\n") for line in lines] if "\r" in text else text.removesuffix("\n").split("\n")


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
