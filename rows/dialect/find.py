"""How a file is written, given or found in its first records: encoding, delimiter, header, and the columns' places."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from rows.bytes.encoding import decode, find_encoding
from rows.bytes.file import File
from rows.dialect.header import Head, find_header, is_fitting_header, is_header, is_integer, layout_of
from rows.options import Header, Options
from rows.records import kept
from rows.records.layout import Layout
from rows.records.lines import lines
from rows.records.read import read
from rows.records.records import BLANK, Records, is_empty
from rows.table import Column

RECORDS_LOOKED_AT = 100
DELIMITERS = (",", ";", "\t", "|")


class Dialect(NamedTuple):
    """How the file is written."""

    delimiter: str
    encoding: str
    header: Header


def find_dialect(file: File, columns: Sequence[Column], options: Options) -> tuple[Dialect, Layout]:
    """Return how the file is written and where it has the columns, by its first records that are not empty.

    Raises HeaderRefused for a header with a name that is unknown, doubled or missing, or that is not the first
    record; and EncodingRefused.
    """
    encoding = find_encoding(file.stream, options.encoding)
    delimiter = options.delimiter or _find_delimiter(file, encoding, columns, options)
    head = _head(file, Dialect(delimiter, encoding, False), options)
    names = head[0].fields if head else []
    header = find_header(head, columns) if options.header is None else options.header
    dialect = Dialect(delimiter, encoding, header)
    if head and header is True:
        return dialect, layout_of(names, columns)
    places = range(len(columns))
    return dialect, Layout(len(columns), places, [column.name for column in columns], places)


def read_file(file: File, dialect: Dialect, layout: Layout, options: Options) -> Iterator[Records]:
    """Yield the file's records in batches, from the first that is not empty, without the header."""
    batches = _from_content(file, dialect, options.batch_rows, options.record_chars_max)
    headed = (first.after(1) for first in islice(batches, 1 if dialect.header else 0))
    for records in chain(headed, batches):
        kept.restore(records, layout, dialect.delimiter)
        yield records


def _from_content(file: File, dialect: Dialect, batch_rows: int, chars_max: int) -> Iterator[Records]:
    """Yield the file's records in batches; the first record of the first batch is not empty."""
    text = decode(file.stream, dialect.encoding)
    batches = read(lines(text, chars_max), dialect.delimiter, batch_rows, chars_max)
    for batch in batches:
        empty = next((i for i, fields in enumerate(batch.fields) if not is_empty(fields)), len(batch))
        if empty < len(batch):
            yield batch.after(empty)
            break
    yield from batches


def _head(file: File, dialect: Dialect, options: Options) -> list[Head]:
    """Return the file's first records, from the first that is not empty."""
    head = next(_from_content(file, dialect, RECORDS_LOOKED_AT, options.record_chars_max), None)
    if head is None:
        return []
    trimmed = [[text.strip(BLANK) for text in fields] for fields in head.fields]
    return [Head(line, fields) for line, fields in zip(head.lines, trimmed, strict=True)]


def _find_delimiter(file: File, encoding: str, columns: Sequence[Column], options: Options) -> str:
    """Return the first delimiter that makes the columns of a record, or else names any of them; or else a comma."""
    heads: dict[str, list[Head]] = {}
    for delimiter in DELIMITERS:
        head = heads[delimiter] = _head(file, Dialect(delimiter, encoding, False), options)
        if any(_is_row(fields, columns) or is_fitting_header(fields, columns) for _, fields in head):
            return delimiter
    return next((delimiter for delimiter, head in heads.items() if head and is_header(head[0].fields, columns)), ",")


def _is_row(fields: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether there are as many fields as columns, with an integer in the id's place."""
    return len(fields) == len(columns) and is_integer(fields[0])
