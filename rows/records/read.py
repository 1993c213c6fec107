"""Physical lines to records, strictly by RFC 4180: what breaks its quoting is one refused record, never two."""

from collections.abc import Callable, Iterable, Iterator

from rows.fault import Fault
from rows.records.lines import BATCH_CHARS, Lines
from rows.records.quoting import split_record
from rows.records.records import BAD_QUOTING, LONE_SURROGATE, UNDECODABLE, Records


def read(lines: Iterable[list[str]], delimiter: str, batch_rows: int, chars_max: int) -> Iterator[Records]:
    """Yield the records of the lines in batches of at most batch_rows; one past chars_max characters is broken."""
    source = Lines(lines)
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


def _read_quoted(source: Lines, delimiter: str, batch_rows: int, chars_max: int) -> Records:
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


def _take_record(source: Lines, chars_max: int) -> list[str]:
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
