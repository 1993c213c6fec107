"""How a file is written, given or found in its first records: encoding, delimiter, header, and the columns' places."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from rows import kept
from rows.check import Column, Layout, is_empty
from rows.file import File
from rows.options import Header, Options
from rows.records import Records, read
from rows.reject import Fault
from rows.text import decode, find_encoding, lines
from rows.values import BLANK, read_integer

RECORDS_LOOKED_AT = 100
DELIMITERS = (",", ";", "\t", "|")


class HeaderRefused(Exception):
    """The file's header does not fit the table."""


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
    header = _find_header(head, columns) if options.header is None else options.header
    dialect = Dialect(delimiter, encoding, header)
    if head and header is True:
        return dialect, _by_name(names, columns)
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


class Head(NamedTuple):
    """One of the file's first records: the line it starts on and its trimmed fields."""

    line: int
    fields: list[str]


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
        if any(_is_row(fields, columns) or _is_fitting_header(fields, columns) for _, fields in head):
            return delimiter
    return next((delimiter for delimiter, head in heads.items() if head and _is_header(head[0].fields, columns)), ",")


def _find_header(head: Sequence[Head], columns: Sequence[Column]) -> bool:
    """Return whether the first record is a header. Raises HeaderRefused where a later one is."""
    if head and _is_header(head[0].fields, columns):
        return True
    for line, fields in head:
        if _is_fitting_header(fields, columns):
            raise HeaderRefused(
                f"line {line} names the columns, but is not the first record: remove what stands before it, "
                "or say header=false to read the columns by position"
            )
    return False


def _is_row(fields: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether there are as many fields as columns, with an integer in the id's place."""
    return len(fields) == len(columns) and _is_integer(fields[0])


def _is_header(names: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether any name is a column's, in any case, and the one in the id's place is no integer."""
    known = {column.name.lower() for column in columns}
    return not known.isdisjoint(map(str.lower, names)) and not _is_integer(names[0])


def _is_fitting_header(names: Sequence[str], columns: Sequence[Column]) -> bool:
    known = {column.name.lower() for column in columns}
    return _is_header(names, columns) and all(name.lower() in known or name.startswith("_") for name in names)


def _is_integer(text: str) -> bool:
    return text != "" and not isinstance(read_integer(text), Fault)


def _by_name(names: Sequence[str], columns: Sequence[Column]) -> Layout:
    """Return where a header's names, in any case, have the columns; names that start with `_` are passed over."""
    lower = [name.lower() for name in names]
    known = [column.name.lower() for column in columns]
    problems = {
        "is not a column": [name for name in names if name.lower() not in known and not name.startswith("_")],
        "stands there twice": [name for name in known if lower.count(name) > 1],
        "is missing": [c.name for c in columns if c.required and c.name.lower() not in lower],
    }
    if any(problems.values()):
        found = "; ".join(f"{', '.join(map(repr, wrong))} {what}" for what, wrong in problems.items() if wrong)
        raise HeaderRefused(
            f"the header does not fit: {found}. Expected, in any order: {', '.join(c.name for c in columns)}. "
            "Where the columns stand in this order, header=skip passes over the first record and goes by position"
        )
    places = [lower.index(name) if name in lower else None for name in known]
    if kept.COLUMNS[-1] not in lower:
        return Layout(len(names), places, list(names), range(len(names)))
    own = [place for place, name in enumerate(lower) if name not in kept.COLUMNS]
    return Layout(len(names), places, [names[place] for place in own], own, lower.index(kept.COLUMNS[-1]))
