"""How a file is written, given or found in its first records: encoding, delimiter, header, and the columns' places."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, islice
from operator import methodcaller
from typing import Any, NamedTuple

from rows.bytes.encoding import Text, find_encoding, marked_encoding
from rows.bytes.file import File
from rows.bytes.kinds import refuse_other_kinds, refuse_other_texts
from rows.dialect.advice import header_refused, refuse_long_header, refuse_single_quotes
from rows.dialect.delimiter import find_delimiter
from rows.dialect.head import Head, read_again, read_head, read_records, read_start
from rows.dialect.header import (
    holds_value,
    is_header,
    is_kept_header,
    layout_by_columns,
    layout_by_position,
    layout_of,
    layout_of_kept,
    may_be_header,
    misfits,
)
from rows.fault import FileRefused, cut
from rows.options import DELIMITERS, Header, Options
from rows.records import kept
from rows.records.layout import Layout
from rows.records.lines import Bookmark
from rows.records.records import Records
from rows.table import Column
from rows.values.rules import rules_of

SEPARATOR = re.compile(r'("?)sep=([^\r\n]?)\1(?:[\r\n]|$)', re.IGNORECASE)
"""The line that tells a spreadsheet which delimiter follows."""

HEADER_RECORD_CHARS = 1000
"""So much is shown of a header that is passed over."""


class Dialect(NamedTuple):
    """How the file is written."""

    delimiter: str
    encoding: str
    header: Header | None
    header_record: str | None = None
    """The record that is passed over where the option `columns` says what the fields are."""

    def shown(self) -> dict[str, Any]:
        """Return it as an answer shows it."""
        return {name: value for name, value in self._asdict().items() if value is not None}


class Form(NamedTuple):
    """How the file is written, and where its records have the columns."""

    dialect: Dialect
    layout: Layout


def find_form(file: File, columns: Sequence[Column], options: Options) -> Form:
    """Return the form of a file by its first records that are not empty.

    Raises FileRefused for a file of another kind, or of an encoding or a delimiter that has to be said; and for a first
    record that is, or may be, a header that does not fit.
    """
    refuse_other_kinds(file.stream)
    kept_form = _find_kept(file, columns, options)
    if kept_form:
        return kept_form
    encoding = find_encoding(file.stream, options.encoding)
    start = Text(file.stream, encoding).read() or ""
    refuse_other_texts(start)
    first_line = 1
    delimiter = options.delimiter
    if separator := SEPARATOR.match(start):
        delimiter = delimiter or _said(separator[2])
        first_line = 2
    line = _line_of_header(options)
    if line and line < first_line:
        raise FileRefused("header_mismatch", f"header={line}: that line says what the delimiter is")
    first_line = line or first_line
    marks = [delimiter] if delimiter else [mark for mark in DELIMITERS.values() if mark in start or mark == ","]
    heads = {mark: read_head(file, encoding, mark, first_line, options.record_chars_max) for mark in marks}
    delimiter = delimiter or find_delimiter(heads, columns, options)
    refuse_single_quotes(heads[delimiter], rules_of(options))
    return _form_of(heads[delimiter], Dialect(delimiter, encoding, False), first_line, columns, options)


def read_file(file: File, form: Form, options: Options) -> Iterator[Records]:
    """Yield the file's records in batches, from the first that is not empty, without the header."""
    dialect, layout = form
    chars_max = _chars_max(form, options)
    batches = read_records(file, dialect.encoding, dialect.delimiter, layout.first_line, options.batch_rows, chars_max)
    headed = map(methodcaller("after", 1), islice(batches, 1 if dialect.header else 0))
    return map(partial(_restored, form, options), chain(headed, batches))


def read_record_again(file: File, form: Form, options: Options, place: Bookmark, line: int) -> Records:
    """Return once more the record that begins on a line, as a batch of its own; place is that of its batch."""
    dialect = form.dialect
    found = read_again(file, dialect.encoding, dialect.delimiter, place, _chars_max(form, options))
    return _restored(form, options, next(records for records in found if records.lines == [line]))


def _chars_max(form: Form, options: Options) -> int:
    return options.record_chars_max if form.layout.kept is None else kept.chars_max(options.record_chars_max)


def _restored(form: Form, options: Options, records: Records) -> Records:
    """Return a batch with what it has of refused rows in place."""
    kept.restore(records, form.layout, form.dialect.delimiter, options.record_chars_max)
    return records


def _find_kept(file: File, columns: Sequence[Column], options: Options) -> Form | None:
    """Return the form of a file of refused rows, None for any other. No option says how that is written."""
    encoding = marked_encoding(file.stream) or "utf-8"
    header_chars_max = kept.chars_max(options.header_chars_max)
    start = read_start(file, encoding, header_chars_max) if encoding != "utf-32" else ""
    if any(name not in start for name in kept.COLUMNS):
        return None
    first_line = 2 if SEPARATOR.match(start) else 1
    for delimiter in DELIMITERS.values():
        head = read_head(file, encoding, delimiter, first_line, kept.chars_max(options.record_chars_max))
        names = head[0].fields if head else []
        if is_kept_header(names):
            refuse_long_header(head[0], header_chars_max, Dialect(delimiter, encoding, None))
            own = names[: -len(kept.COLUMNS)]
            if misfits(own, columns, "ignore"):
                raise header_refused(head, columns, options, Dialect(delimiter, encoding, None))
            return Form(Dialect(delimiter, encoding, True), layout_of_kept(names, columns, first_line))
    return None


def _said(delimiter: str) -> str:
    """Return the delimiter that the line for spreadsheets says."""
    if delimiter not in DELIMITERS.values():
        known = " ".join(DELIMITERS)
        raise FileRefused(
            "delimiter_not_found",
            f"the first line says that the delimiter is {delimiter!r}, which is not one of {known}",
        )
    return delimiter


def _line_of_header(options: Options) -> int | None:
    """Return the line that the header is said to stand on, None where no line is said."""
    return None if isinstance(options.header, bool | str) else options.header


def _form_of(
    head: Sequence[Head], dialect: Dialect, first_line: int, columns: Sequence[Column], options: Options
) -> Form:
    """Return the form of a file whose first records are these."""
    line = _line_of_header(options)
    if line and (not head or head[0].line != line):
        raise FileRefused("header_mismatch", f"header={line} is no line on which a record begins", dialect=dialect)
    if options.columns is not None:
        return _form_by_columns(head, dialect, first_line, options.columns, columns, options)
    fits = bool(head) and is_header(head[0], columns, options.extra)
    header = options.header
    if header is None:
        header = fits or (bool(head) and may_be_header(head[0], columns, rules_of(options)))
    if not head or not header:
        return Form(dialect._replace(header=header), layout_by_position(columns, first_line))
    refuse_long_header(head[0], options.header_chars_max, dialect._replace(header=None))
    if header == "skip":
        return Form(dialect._replace(header=header), layout_by_position(columns, first_line, head[0].fields))
    if not fits:
        raise header_refused(head, columns, options, dialect._replace(header=None))
    return Form(dialect._replace(header=header), layout_of(head[0].fields, columns, first_line))


def _form_by_columns(
    head: Sequence[Head],
    dialect: Dialect,
    first_line: int,
    given: Sequence[str],
    columns: Sequence[Column],
    options: Options,
) -> Form:
    """Return the form of a file whose fields are said: its first record may hold the names that stand there instead."""
    by_name = {column.name: column for column in columns}
    fields = [by_name.get(name) for name in given]
    header = options.header
    if header is None:
        header = bool(head) and not holds_value(head[0].fields, fields, rules_of(options))
    passed_over = head[0] if head and header else None
    if passed_over:
        refuse_long_header(passed_over, options.header_chars_max, dialect._replace(header=None))
    record = passed_over and kept.escape(cut(passed_over.raw, HEADER_RECORD_CHARS))
    names = passed_over and passed_over.fields
    layout = layout_by_columns(given, columns, first_line, names)
    return Form(dialect._replace(header=header, header_record=record), layout)
