"""One batch as it was read and checked: what is held of it until it is stored."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from rows.bytes.file import File
from rows.dialect.below import refuse_headers
from rows.dialect.find import Form, read_file
from rows.options import Options
from rows.records.records import Records
from rows.table import Column
from rows.values.check import Checked, check
from rows.values.rules import Rules, rules_of


class Read(NamedTuple):
    """A batch of records, checked. records is None for a large one: it can be read again from a place in the file.

    line is where it begins; has_backslash and beyond_ascii say what its text has, the latter by index.
    """

    checked: Checked
    records: Records | None
    place: Any
    line: int
    has_backslash: bool
    beyond_ascii: frozenset[int]


def read_batches(
    file: File, columns: Sequence[Column], form: Form, options: Options, passed_over: int = 0
) -> Iterator[Read]:
    """Yield the file's records in batches, with what the rules of the columns say of them, but for the first batches.

    A large one is read in turn, and not held beyond that.
    """
    batches = read_file(file, form, options)
    for _ in range(passed_over):
        with file.turn.given_back():
            next(batches, None)
    is_first = form.dialect.header is False and not passed_over
    next_one = partial(_next, batches, file, columns, form, options, rules_of(options))
    while read := next_one(is_first):
        yield read
        is_first = False


def _next(
    batches: Iterator[Records],
    file: File,
    columns: Sequence[Column],
    form: Form,
    options: Options,
    rules: Rules,
    is_first: bool,
) -> Read | None:
    """Return the next batch, None at the end."""
    with file.turn.given_back():
        records = next(batches, None)
        if records is None:
            return None
        checked = check(records, columns, form.layout, rules)
        checked = refuse_headers(records, checked, form, columns, options, is_first)
        return read_of(records, checked, is_large=len(records) == 1 and file.turn.is_mine)


def read_of(records: Records, checked: Checked, is_large: bool) -> Read:
    """Return what is held of a batch."""
    beyond_ascii: frozenset[int] = frozenset()
    if not records.text.isascii():
        beyond_ascii = frozenset(index for index, raw in enumerate(records.raws) if not raw.isascii())
    held = None if is_large else records
    line = records.lines[0] if records.lines else 0
    return Read(checked, held, records.place, line, "\\" in records.text, beyond_ascii)
