"""How a file is written, found in its first records: whether it has a header, and where its columns are."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from rows.check import Column, Layout, is_empty
from rows.file import File
from rows.options import Header, Options
from rows.records import Records, read
from rows.reject import Fault
from rows.text import decode, lines
from rows.values import BLANK, read_integer

RECORDS_LOOKED_AT = 100


class HeaderRefused(Exception):
    """The file's header does not fit the table."""


class Dialect(NamedTuple):
    """How the file is written."""

    delimiter: str
    encoding: str
    header: Header


def find_dialect(file: File, columns: Sequence[Column], options: Options) -> tuple[Dialect, Layout]:
    """Return how the file is written and where it has the columns, by its first record that is not empty.

    Raises HeaderRefused for a header with a name that is unknown, doubled or missing.
    """
    dialect = Dialect(",", "utf-8", options.header or False)
    names = []
    for head in islice(_from_content(file, dialect, RECORDS_LOOKED_AT, options.record_chars_max), 1):
        names = [field.strip(BLANK) for field in head.fields[0]]
    if names and options.header is None:
        dialect = dialect._replace(header=_is_header(names, columns))
    if names and dialect.header is True:
        return dialect, _by_name(names, columns)
    return dialect, Layout(len(columns), range(len(columns)))


def read_file(file: File, dialect: Dialect, options: Options) -> Iterator[Records]:
    """Yield the file's records in batches, from the first that is not empty, without the header."""
    batches = _from_content(file, dialect, options.batch_rows, options.record_chars_max)
    if dialect.header:
        for first in islice(batches, 1):
            yield first.after(1)
    yield from batches


def _from_content(file: File, dialect: Dialect, batch_rows: int, chars_max: int) -> Iterator[Records]:
    """Yield the file's records in batches; the first record of the first batch is not empty."""
    batches = read(lines(decode(file.stream), chars_max), dialect.delimiter, batch_rows, chars_max)
    for batch in batches:
        empty = next((i for i, fields in enumerate(batch.fields) if not is_empty(fields)), len(batch))
        if empty < len(batch):
            yield batch.after(empty)
            break
    yield from batches


def _is_header(names: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether any name is a column's, in any case, and the one in the id's place is no integer."""
    known = {column.name.lower() for column in columns}
    return not known.isdisjoint(map(str.lower, names)) and isinstance(read_integer(names[0]), Fault)


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
            "header=skip passes over the first record and reads the columns by position"
        )
    return Layout(len(names), [lower.index(name) if name in lower else None for name in known])
