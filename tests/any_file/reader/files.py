"""A file from its bytes to what becomes of each record: encoding, delimiter, header, then record by record."""

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from reader.records import Record, lines, records, split, split_plainly, trim
from reader.values import Fault, reads, stored

CANDIDATES = (",", ";", "\t", "|")
REJECTS = ["_line", "_column", "_code", "_reason", "_delimiter", "_record"]
SAMPLE = 100
HEADER_CHARS_MAX = 2**16
KEPT_CHARS_MAX = 2**22
"""So long may a line of a file of refused rows be, at least, whose records are no longer than they may be."""

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before that of utf-16, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Column(NamedTuple):
    """A column of a table; kind is integer, timestamp or text."""

    name: str
    kind: str
    required: bool


class Table(NamedTuple):
    """A table: the first of its columns is the key."""

    name: str
    columns: list[Column]


class Row(NamedTuple):
    """A record that is taken: what is stored, as an export shows it, in the order of the table's columns."""

    line: int
    values: tuple[str, ...]


class Refusal(NamedTuple):
    """A record that is refused: column is None where the whole record is at fault."""

    line: int
    column: str | None
    code: str


@dataclass
class Outcome:
    """What becomes of a file: refused as a whole for a reason, or how it is read and each record that counts."""

    refused: str | None = None
    delimiter: str = ""
    encoding: str = ""
    header: bool | str | int = False
    header_record: str | None = None
    records: list[Row | Refusal] = field(default_factory=list)
    stopped: int | None = None
    """The line of a header in another order, or of one that is too long, where the load stops."""

    @property
    def rows(self) -> list[Row]:
        return [record for record in self.records if isinstance(record, Row)]

    @property
    def refusals(self) -> list[Refusal]:
        return [record for record in self.records if isinstance(record, Refusal)]


class Layout(NamedTuple):
    """How a file's records are read: the column in each place, None for a place that is passed over."""

    delimiter: str
    places: list[str | None]
    own_header: Record | None
    ignores_extra: bool
    has_names_to_pass: bool
    """Whether a header further down may have a column's name where a place is passed over."""


class Refused(Exception):
    """A file that is refused as a whole: option, encoding, empty, delimiter, header, long_header or header_line."""


def read(
    content: bytes,
    table: Table,
    options: Mapping[str, str],
    record_chars_max: int = 2**20,
    known: Mapping[str, set[int]] | None = None,
) -> Outcome:
    """Return what must become of a file; known has the ids that each column with a reference may name when strict."""
    try:
        reader = _Reader(table, options, record_chars_max, known or {})
        return reader.refused_rows(content) or reader.file(content)
    except Refused as refused:
        return Outcome(str(refused))


class _Reader:
    """The rules for one table and what a request asks for."""

    def __init__(self, table: Table, options: Mapping[str, str], record_chars_max: int, known: Mapping[str, set[int]]):
        self.table, self.options, self.record_chars_max, self.known = table, options, record_chars_max, known
        self.columns = {column.name: column for column in table.columns}
        self.names = {normalise(name): name for name in self.columns}
        self.nulls = {trim(word) for word in options.get("nulls", "\\N").split(",")} - {""}
        self.header = options.get("header")
        self.ignores_extra = options.get("extra") == "ignore"
        self.named = self.named_columns()

    def named_columns(self) -> list[str | None] | None:
        """Return the column in each place as the option columns has them, None for those that are passed over."""
        if "columns" not in self.options:
            return None
        names = [trim(name) for name in self.options["columns"].split(",")]
        named = [None if name == "-" else name for name in names]
        found = [name for name in named if name is not None]
        if len(set(found)) < len(found) or not self.required() <= set(found) <= set(self.columns):
            raise Refused("option")
        return named

    def required(self) -> set[str]:
        return {column.name for column in self.table.columns if column.required}

    # The file

    def file(self, content: bytes) -> Outcome:
        """Return what becomes of a file of rows."""
        encoding, text = decode(content, self.options.get("encoding", "utf-8"))
        given = self.options.get("delimiter")
        separator, text, line = without_separator_line(text, given)
        delimiter = {"tab": "\t"}.get(given, given) if given else separator or self.find_delimiter(text, line)
        outcome = Outcome(delimiter=delimiter, encoding=encoding)
        found = list(self.from_first(text, delimiter, line))
        if not found:
            raise Refused("empty")
        first = found[0]
        places = self.places(first, outcome)
        own = first if outcome.header is not False and not self.fault(first) else None
        layout = Layout(delimiter, places, own, self.ignores_extra, self.named is not None)
        for record in found if outcome.header is False else found[1:]:
            below = self.header_below(record, layout)
            if below in ("crossed", "long"):
                outcome.stopped = record.line
                break
            fault = "repeated_header" if below and record is not first else self.fault(record)
            outcome.records.append(self.check(record.line, fault, record.fields, places))
        return outcome

    def from_first(self, text: str, delimiter: str, line: int) -> Iterator[Record]:
        """Yield the records that are not empty from the first one on: with a header's line given, the one that stands there."""
        found = (record for record in records(text, delimiter, line) if not is_empty(record))
        if not (self.header or "").isdigit():
            yield from found
            return
        for record in found:
            if record.line == int(self.header or ""):
                yield record
                yield from found
                return
        raise Refused("header_line")

    def places(self, first: Record, outcome: Outcome) -> list[str | None]:
        """Return the column in each place, and note how the header is read; False means that the first record is a row."""
        header, by_position = self.header, self.named or [*self.columns]
        if header is not None and header != "false":
            outcome.header = {"true": True, "skip": "skip"}.get(header) or int(header)
        if header == "false":
            return by_position
        if header == "skip" and not self.named:
            self.refuse_long(first)
            return by_position
        if self.named:
            if header is not None or not self.is_row(first, by_position, outcome.delimiter):
                self.refuse_long(first)
                outcome.header, outcome.header_record = outcome.header or True, first.text
            return by_position
        fitting = self.fit(first, self.ignores_extra)
        if fitting:
            self.refuse_long(first)
            outcome.header = outcome.header or True
            return fitting
        if header is not None or self.is_suspicious(first, by_position, outcome.delimiter):
            self.refuse_long(first)
            raise Refused("header")
        return by_position

    def refuse_long(self, header: Record) -> None:
        if self.is_long(header):
            raise Refused("long_header")

    def is_long(self, header: Record) -> bool:
        return len(header.text) > min(HEADER_CHARS_MAX, self.record_chars_max)

    # The delimiter

    def find_delimiter(self, text: str, line: int) -> str:
        candidates = [mark for mark in CANDIDATES if mark in text or mark == ","]
        samples = {delimiter: self.sample(text, delimiter, line) for delimiter in candidates}
        if not self.named:
            fitting = [d for d, sample in samples.items() if sample and self.fit(sample[0], self.ignores_extra)]
            if len(fitting) == 1:
                return fitting[0]
        scores = {delimiter: sum(map(self.scores, sample)) for delimiter, sample in samples.items()}
        best, *others = sorted(scores, key=lambda delimiter: -scores[delimiter])
        if scores[best]:
            if others and scores[others[0]] * 2 > scores[best]:
                raise Refused("delimiter")
            return best
        fitting = [d for d, sample in samples.items() if any(self.fit(record, self.ignores_extra) for record in sample)]
        if len(fitting) == 1:
            return fitting[0]
        naming = [d for d, sample in samples.items() if sample and self.has_name(plain_fields(sample[0], d))]
        return naming[0] if naming else ","

    def sample(self, text: str, delimiter: str, line: int) -> list[Record]:
        try:
            return list(islice(self.from_first(text, delimiter, line), SAMPLE))
        except Refused:
            return []

    def scores(self, record: Record) -> bool:
        """Say whether a record has as many fields as are expected, and an integer in the key's place."""
        expected = self.named or [*self.columns]
        if record.fields is None or len(record.fields) != len(expected):
            return False
        key = trim(record.fields[expected.index(self.table.columns[0].name)])
        return reads(key, "integer", self.options)

    # The header

    def fit(self, record: Record, ignores_extra: bool) -> list[str | None] | None:
        """Return the column that each name of a fitting header is, None for those passed over; None where it does not fit."""
        if self.fault(record) or record.fields is None:
            return None
        names = [trim(name) for name in record.fields]
        if ignores_extra and reads(names[0], "integer", self.options):
            return None  # it begins as a row does
        places = [self.column(name) for name in names]
        found = [column for column in places if column]
        strange = [name for name in names if not self.column(name) and not name.startswith("_")]
        if len(set(found)) < len(found) or not self.required() <= set(found) or (strange and not ignores_extra):
            return None
        return places

    def column(self, name: str) -> str | None:
        return None if name.startswith("_") else self.names.get(normalise(name))

    def has_name(self, fields: list[str]) -> bool:
        return any(map(self.column, fields))

    def is_row(self, record: Record, places: list[str | None], delimiter: str) -> bool:
        """Say whether a typed field reads; with another number of fields, whether any does."""
        fields = [self.blank(text) for text in plain_fields(record, delimiter)]
        if len(fields) != len(places):
            return any(reads(text, kind, self.options) for text in fields for kind in ("integer", "timestamp"))
        return any(reads(text, kind, self.options) for text, kind in self.typed(fields, places))

    def is_suspicious(self, record: Record, places: list[str | None], delimiter: str) -> bool:
        fields = [self.blank(text) for text in plain_fields(record, delimiter)]
        may_be_header = self.has_name(fields) or any(text for text, kind in self.typed(fields, places))
        return may_be_header and not self.is_row(record, places, delimiter)

    def typed(self, fields: list[str], places: list[str | None]) -> list[tuple[str, str]]:
        """Return the fields, with their kinds, that stand in the places of columns that are not text."""
        found = [(text, self.columns[name].kind) for text, name in zip(fields, places, strict=False) if name]
        return [(text, kind) for text, kind in found if kind != "text"]

    def blank(self, text: str) -> str:
        return "" if text in self.nulls else text

    def header_below(self, record: Record, layout: Layout) -> str:
        """Say whether a record is a header that is "repeated", "crossed" or "long", or an empty text where it is none."""
        kind = self.kind_below(record, layout)
        return "long" if kind and self.is_long(record) else kind

    def kind_below(self, record: Record, layout: Layout) -> str:
        if self.fault(record) or record.fields is None:
            return ""
        is_own = layout.own_header is not None and normalised(layout.own_header) == normalised(record)
        if is_own and not self.is_row(record, layout.places, layout.delimiter):
            return "repeated"
        if not self.fit(record, layout.ignores_extra):
            return ""
        if len(record.fields) != len(layout.places):
            return "crossed"
        for name, read_here in zip(record.fields, layout.places, strict=True):
            found = self.column(trim(name))
            is_passed = layout.has_names_to_pass and read_here is None and found not in layout.places
            if found != read_here and not is_passed:
                return "crossed"
        return "repeated"

    # The records

    def fault(self, record: Record, chars_max: int | None = None) -> str | None:
        """Return what is wrong with a whole record."""
        if len(record.text) > (chars_max or self.record_chars_max):
            return "too_long"
        if is_undecodable(record):
            return "undecodable"
        return "bad_quoting" if record.fields is None else None

    def check(self, line: int, fault: str | None, fields: list[str] | None, places: list[str | None]) -> Row | Refusal:
        """Return the row that a record is, or why it is refused."""
        if fault or fields is None:
            return Refusal(line, None, fault or "bad_quoting")
        if len(fields) != len(places):
            return Refusal(line, None, "wrong_field_count")
        sent = {name: self.blank(trim(text)) for name, text in zip(places, fields, strict=True) if name}
        is_strict = self.options.get("strict") == "true"
        values = []
        for name, kind, required in self.table.columns:
            text = sent.get(name, "")
            if not text and (required or is_strict):
                return Refusal(line, name, "missing_value")
            try:
                values.append(stored(text, kind, self.options) if text else "")
            except Fault as refused:
                return Refusal(line, name, str(refused))
        for name, value in zip(self.columns, values, strict=True):
            if is_strict and name in self.known and int(value) not in self.known[name]:
                return Refusal(line, name, "unknown_reference")
        return Row(line, tuple(values))

    # Files of refused rows

    def refused_rows(self, content: bytes) -> Outcome | None:
        """Return what becomes of a file of refused rows, or None where it is none."""
        encoding, text = decode(content, "utf-8")
        _, text, line = without_separator_line(text, given=",")
        for delimiter in CANDIDATES:
            found = [record for record in records(text, delimiter, line) if not is_empty(record)]
            if (
                found
                and not self.fault(found[0], KEPT_CHARS_MAX)
                and [trim(name) for name in found[0].fields or []][-6:] == REJECTS
            ):
                return self.corrected(found, Outcome(delimiter=delimiter, encoding=encoding, header=True))
        return None

    def corrected(self, found: list[Record], outcome: Outcome) -> Outcome:
        own = found[0]._replace(fields=(found[0].fields or [])[:-6])
        places = self.fit(own, ignores_extra=True)
        if not places:
            raise Refused("header")
        layout = Layout(outcome.delimiter, places, own, ignores_extra=False, has_names_to_pass=True)
        for record in found[1:]:
            fault = self.fault(record, KEPT_CHARS_MAX)
            if not fault and len(record.fields or []) != len(places) + len(REJECTS):
                fault = "wrong_field_count"
            row = record if fault else self.unwrapped(record, outcome.delimiter)
            if not fault and self.was_header(record, row, layout):
                fault = "repeated_header"
            fault = fault or self.fault(row)
            outcome.records.append(self.check(record.line, fault, row.fields, places))
        return outcome

    def was_header(self, record: Record, row: Record, layout: Layout) -> bool:
        """Say whether a row was refused as a header, and is one still: _code says so, beside a record in _record."""
        is_unwrapped = not any(map(trim, (record.fields or [])[:-6])) and row.fields is not None
        said = is_unwrapped and trim((record.fields or [])[-4]) == "repeated_header"
        return said and not self.is_row(row, layout.places, layout.delimiter)

    def unwrapped(self, record: Record, delimiter: str) -> Record:
        """Return the row that was refused: its own fields or, where they are all empty, what _record says."""
        fields, (between, text) = (record.fields or [])[:-6], (record.fields or [])[-2:]
        if any(map(trim, fields)) or not trim(text):
            return record._replace(fields=fields)
        between = "\t" if "\t" in between or trim(between) == "tab" else trim(between) or delimiter
        text = unescape(text)
        found, end = split(text, 0, between)
        return Record(record.line, text, found if end == len(text) else None)


def decode(content: bytes, encoding: str) -> tuple[str, str]:
    """Return the name of the encoding, and the text with a lone surrogate in place of each byte that is none."""
    for mark, marked in MARKS:
        if content.startswith(mark):
            if marked == "utf-32":
                raise Refused("encoding")
            return marked[:6], content[len(mark) :].decode(marked, KEPT)
    if codecs.lookup(encoding).name == "iso8859-1":
        encoding = "cp1252"
    return encoding, content.decode("utf-16-le" if encoding == "utf-16" else encoding, KEPT)


def keep_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


KEPT = "kept as surrogates"
codecs.register_error(KEPT, keep_bytes)


def without_separator_line(text: str, given: str | None) -> tuple[str | None, str, int]:
    """Return the delimiter that a first line such as sep=; names, the text behind that line, and the number of its first line."""
    line = lines(text)[0]
    bare = line[1:-1] if len(line) > 1 and line[0] == line[-1] == '"' else line
    if bare[:4].lower() != "sep=" or len(bare) > 5:
        return None, text, 1
    if bare[4:] not in CANDIDATES and not given:
        raise Refused("delimiter")
    rest = text[len(line) :]
    return bare[4:], rest[2:] if rest.startswith("\r\n") else rest[1:], 2


def normalise(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def normalised(record: Record) -> list[str]:
    return [normalise(name) for name in record.fields or []]


def is_empty(record: Record) -> bool:
    return record.fields is not None and not any(map(trim, record.fields))


def is_undecodable(record: Record) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in record.text)


def plain_fields(record: Record, delimiter: str) -> list[str]:
    """Return the trimmed fields of a record, also of one whose quoting or bytes are broken."""
    if record.fields is None or is_undecodable(record):
        return split_plainly(record.text, delimiter)
    return [trim(text) for text in record.fields]


def unescape(text: str) -> str:
    r"""Return the text that \xNN for a byte that is no text, and \\ for a backslash, stand for."""
    found, place = "", 0
    while place < len(text):
        digits = text[place + 2 : place + 4]
        if text.startswith("\\\\", place):
            found, place = found + "\\", place + 2
        elif text.startswith("\\x", place) and len(digits) == 2 and not digits.strip("0123456789abcdefABCDEF"):
            found, place = found + chr(0xDC00 + int(digits, 16)), place + 4
        else:
            found, place = found + text[place], place + 1
    return found
