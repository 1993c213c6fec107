"""What a file's form says: its encoding, delimiter and fields, and the tables that it fits."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import NamedTuple

from rows.bytes.encoding import Text, marked_encoding
from rows.bytes.file import File
from rows.dialect.find import Form, find_form, read_file
from rows.dialect.head import RECORDS_LOOKED_AT, read_head
from rows.dialect.header import normal
from rows.fault import FileRefused, Hint
from rows.options import DELIMITERS, PASSED_OVER, Options
from rows.records.kept import LEFT_OUT, unescape
from rows.records.records import LONE_SURROGATE
from rows.say.account import Account
from rows.say.hints_of_fields import of_those_shown
from rows.table import Row, Table
from rows.values.check import check
from rows.values.integers import is_integer_somehow
from rows.values.rules import rules_of

FIELDS_MAX = 200
"""Of more fields nobody is told to give all the columns: the line of a request has no room for them."""


class Read(NamedTuple):
    """How a file was read: its encoding, its delimiter, and the column of each field in order, PASSED_OVER for none."""

    encoding: str
    delimiter: str
    columns: list[str]


def read_as(form: Form, table: Table) -> Read:
    known = {normal(column.name): column.name for column in table.columns}
    columns = [known.get(normal(name), PASSED_OVER) for name in form.layout.names]
    return Read(form.dialect.encoding, form.dialect.delimiter, columns)


def encoding_of_refused(account: Account, file: File, form: Form) -> Iterator[Hint]:
    """cp1252, where nothing shows that the file is UTF-8: sent again in that way, it would be spoilt."""
    is_utf_8_by_default = form.dialect.encoding == "utf-8" and marked_encoding(file.stream) is None
    is_utf_8_by_default &= form.layout.kept is None  # a file of refused rows always is
    kept = [reject.record for reject in account.rejects if reject.code == "undecodable"]
    raws = [unescape(record).replace(LEFT_OUT, "") for record in kept]
    if raws and is_utf_8_by_default and not account.beyond_ascii and all(map(_reads_as_cp1252, raws)):
        number, shown = len(raws), of_those_shown(account)
        records, them = ("1 record", "") if number == 1 else (f"{number} records", "all of them ")
        sentence = f"{records}{shown} {'is' if number == 1 else 'are'} not valid UTF-8, but {them}can be read as cp1252"
        yield Hint(f"{sentence}: compare the letters", {"encoding": "cp1252"})


def _reads_as_cp1252(raw: str) -> bool:
    try:
        raw.encode("utf-8", "surrogateescape").decode("cp1252")
    except UnicodeError:
        return False
    return True


def encoding_of_header(file: File, table: Table, options: Options) -> Iterator[Hint]:
    """cp1252, where a file that was refused for its header would be read in that."""
    start = Text(file.stream, "utf-8").read() or ""
    may_be = options.encoding is None and LONE_SURROGATE.search(start) and not _has_sound_letters(start)
    if may_be and sound_records(file, table, replace(options, encoding="cp1252")):
        yield Hint(
            "the file is not valid UTF-8, but can be read as cp1252: compare the letters", {"encoding": "cp1252"}
        )


def _has_sound_letters(text: str) -> bool:
    """Whether any line without bytes that are no text has a character beyond ASCII."""
    return any(not line.isascii() and not LONE_SURROGATE.search(line) for line in text.splitlines())


def other_forms(file: File, table: Table, options: Options, read: Read) -> Iterator[Hint]:
    """Fields that are passed over, where most records have as many too many at their end, or at their beginning.

    That is tried with each delimiter that may be the file's, and with each decimal; what reads worse is left out.
    """
    if options.columns is not None:
        return
    tried: dict[Hint, tuple[int, int]] = {}
    for name, delimiter in DELIMITERS.items():
        head = read_head(file, read.encoding, delimiter, 1, options.record_chars_max)
        widths = Counter(len(record.fields) for record in head)
        width, records = max(widths.items(), key=itemgetter(1), default=(0, 0))
        surplus = width - len(read.columns)
        is_foreign = options.delimiter not in (None, delimiter)
        if is_foreign or surplus < 1 or records * 2 <= len(head) or width > FIELDS_MAX:
            continue
        for columns in (read.columns + [PASSED_OVER] * surplus, [PASSED_OVER] * surplus + read.columns):
            for decimal in dict.fromkeys((options.decimal, "point", "comma")):
                trial = replace(options, delimiter=delimiter, columns=tuple(columns), decimal=decimal)
                rows = _sound_rows(file, table, trial)
                if len(rows) * 2 > records:
                    more = {"columns": ",".join(columns)}
                    more |= {"delimiter": name} if delimiter != read.delimiter else {}
                    more |= {"decimal": decimal} if decimal != options.decimal else {}
                    tried[Hint(_surplus(surplus, columns), more)] = (-len(rows), _oddities(rows))
                    break
    yield from (hint for hint, rank in tried.items() if rank == min(tried.values()))


def _surplus(surplus: int, columns: Sequence[str]) -> str:
    fields = "one extra field" if surplus == 1 else f"{surplus} extra fields"
    return f"most records have {fields} at the {'beginning' if columns[0] == PASSED_OVER else 'end'}"


def _oddities(rows: Iterable[Row]) -> int:
    """Return how many texts look like a number, or like fields that another delimiter would part."""
    texts = (value for row in rows for value in row if isinstance(value, str))
    return sum(is_integer_somehow(text) or any(mark in text for mark in DELIMITERS.values()) for text in texts)


def rank_delimiters(hints: Sequence[Hint], file: File, table: Table, options: Options) -> list[Hint]:
    """Return the hints at a delimiter, the most likely first, with a decimal comma where that reads more."""
    ranked = []
    for hint in hints:
        more, trials = hint.options, []
        for decimal in ("point", "comma"):
            trial = replace(options, delimiter=DELIMITERS[more["delimiter"]], decimal=decimal)
            rows = _sound_rows(file, table, trial)
            with_decimal = {**more, "decimal": decimal} if decimal != options.decimal else more
            trials.append((-len(rows), _oddities(rows), len(with_decimal), Hint(hint.sentence, with_decimal)))
        ranked.append(min(trials, key=itemgetter(0, 2)))
    return [found for *_, found in sorted(ranked, key=itemgetter(0, 1))]


def better_tables(file: File, table: Table, tables: Mapping[str, Table], options: Options) -> Iterator[Hint]:
    """The tables that the file's first records fit better."""
    options = replace(options, columns=None)
    here = sound_records(file, table, options)
    for name, other in tables.items():
        if other is not table and sound_records(file, other, options) > here:
            yield Hint(f"the file fits the table {name}", {})


def sound_records(file: File, table: Table, options: Options) -> int:
    """Return how many of the file's first records are sound rows of a table."""
    return len(_sound_rows(file, table, options))


def _sound_rows(file: File, table: Table, options: Options) -> list[Row]:
    """Return those of the file's first records that are sound rows of a table."""
    options = replace(options, batch_rows=RECORDS_LOOKED_AT)
    try:
        form = find_form(file, table.columns, options)
    except FileRefused:
        return []
    records = next(read_file(file, form, options), None)
    return check(records, table.columns, form.layout, rules_of(options)).rows if records else []
