"""The first records of a file, as they are looked at before anything of it is loaded."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from rows.bytes.encoding import Text
from rows.bytes.file import File
from rows.fault import Fault
from rows.records.lines import Lines
from rows.records.quoting import split_record
from rows.records.read import read
from rows.records.records import BAD_QUOTING, BLANK, Records, is_empty

RECORDS_LOOKED_AT = 100

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
    lines = Lines(Text(file.stream, encoding), delimiter, chars_max)
    lines.pass_over(first_line - 1)
    batches = read(lines, delimiter, batch_rows, chars_max)
    for batch in batches:
        empty = next((i for i, fields in enumerate(batch.fields) if not is_empty(fields)), len(batch))
        if empty < len(batch):
            yield batch.after(empty)
            break
    yield from batches


def read_head(file: File, encoding: str, delimiter: str, first_line: int, chars_max: int) -> list[Head]:
    """Return the first records that are not empty."""
    heads: list[Head] = []
    batches = read_records(file, encoding, delimiter, first_line, RECORDS_LOOKED_AT, chars_max)
    for batch in islice(batches, BATCHES_LOOKED_AT):
        heads += [head for head in _heads(batch, delimiter) if head.fault or not is_empty(head.fields)]
        if len(heads) >= RECORDS_LOOKED_AT:
            break
    return heads[:RECORDS_LOOKED_AT]


def _heads(batch: Records, delimiter: str) -> Iterator[Head]:
    for index, (line, raw, fields) in enumerate(zip(batch.lines, batch.raws, batch.fields, strict=True)):
        fault = batch.broken.get(index)
        if fault:
            found = split_record(raw, delimiter)
            fault = fault if found else BAD_QUOTING
            fields = found or [_unquoted(field.strip(BLANK)) for field in raw.split(delimiter)]
        yield Head(line, raw, [field.strip(BLANK) for field in fields], fault)


def _unquoted(field: str) -> str:
    return field.removeprefix('"').removesuffix('"')
