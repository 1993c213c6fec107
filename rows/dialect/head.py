"""The first records of a file, as they are looked at before anything of it is loaded."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

from rows.bytes.encoding import Text
from rows.bytes.file import File
from rows.fault import Fault
from rows.records.lines import Bookmark, Lines
from rows.records.quoting import each_field, is_well_quoted
from rows.records.read import read
from rows.records.records import BAD_QUOTING, BLANK, Records, is_empty

RECORDS_LOOKED_AT = 100

CHARS_LOOKED_AT = 512 * 1024
"""Where records are long, no more are looked at behind so many characters of them."""

FIELDS_MAX = 64 * 1024
"""A record of more fields is neither a header nor a row: no more of them are looked at."""

TOO_MANY_FIELDS = Fault("wrong_field_count", f"has more than {FIELDS_MAX} fields")

BATCHES_LOOKED_AT = 10
"""Where many records are empty, no more than so many batches of RECORDS_LOOKED_AT are read for those that are not."""


class Head(NamedTuple):
    """One of the file's first records: the line it starts on, its trimmed fields, and what is wrong with it.

    One of broken quoting is split plainly, and what quotes stand around its fields are taken off.
    """

    line: int
    raw: str
    fields: list[str]
    fault: Fault | None


def read_start(file: File, encoding: str, chars: int) -> str:
    """Return at least so many characters of the file's beginning, or all of a shorter one."""
    text, start = Text(file.stream, encoding), ""
    while len(start) < chars and (piece := text.read()) is not None:
        start += piece
    return start


def read_records(
    file: File, encoding: str, delimiter: str, first_line: int, batch_rows: int, chars_max: int
) -> Iterator[Records]:
    """Yield the file's records in batches, from the first that is not empty and does not begin above first_line."""
    lines = Lines(Text(file.stream, encoding), delimiter, chars_max, file.turn)
    lines.pass_over(first_line - 1)
    batches = read(lines, delimiter, batch_rows, chars_max)
    first = islice(filter(len, map(_from_content, batches)), 1)
    return chain(first, batches)


def read_again(file: File, encoding: str, delimiter: str, place: Bookmark, chars_max: int) -> Iterator[Records]:
    """Yield the file's records once more, from the place of a batch on, one a batch."""
    lines = Lines(Text(file.stream, encoding), delimiter, chars_max, file.turn)
    lines.go_back(place)
    return read(lines, delimiter, 1, chars_max)


def _from_content(batch: Records) -> Records:
    """Return the records of a batch from the first on that is not empty."""
    return batch.after(next((index for index in range(len(batch)) if not batch.is_empty(index)), len(batch)))


def read_head(file: File, encoding: str, delimiter: str, first_line: int, chars_max: int) -> list[Head]:
    """Return the first records that are not empty."""
    heads: list[Head] = []
    chars = 0
    batches = read_records(file, encoding, delimiter, first_line, RECORDS_LOOKED_AT, chars_max)
    for batch in islice(batches, BATCHES_LOOKED_AT):
        for index in range(len(batch)):
            head = _head(batch, index, delimiter)
            if head.fault or not is_empty(head.fields):
                heads.append(head)
                chars += len(head.raw)
                file.turn.need(chars)
            if len(heads) >= RECORDS_LOOKED_AT or chars > CHARS_LOOKED_AT:
                return heads
    return heads


def _head(batch: Records, index: int, delimiter: str) -> Head:
    raw, fault = batch.raws[index], batch.broken.get(index)
    fields: Iterable[str]
    if fault and is_well_quoted(raw, delimiter):
        fields = each_field(raw, delimiter)
    elif fault:
        fault = BAD_QUOTING
        fields = (_unquoted(field.strip(BLANK)) for field in raw.split(delimiter, FIELDS_MAX))
    else:
        fields = batch.each_field(index)
    shown = [field.strip(BLANK) for field in islice(fields, FIELDS_MAX + 1)]
    return Head(batch.lines[index], raw, shown, TOO_MANY_FIELDS if len(shown) > FIELDS_MAX else fault)


def _unquoted(field: str) -> str:
    return field.removeprefix('"').removesuffix('"')
