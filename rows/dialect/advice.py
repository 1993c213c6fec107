"""What is said of a first record that is, or may be, a header that does not fit, and which options take the file."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rows.dialect.head import Head
from rows.dialect.header import is_header, misfits, names_any
from rows.fault import Fault, FileRefused, Hint, Stop, quote_names
from rows.options import Options
from rows.table import Column
from rows.values.integers import is_integer_somehow
from rows.values.rules import Rules, rules_of

WAYS = {"extra": "passes over what is no column", "header": "takes the header on line {}"}
"""What the options of these hints do."""


def header_refused(head: Sequence[Head], columns: Sequence[Column], options: Options, dialect: object) -> FileRefused:
    """Return the error for the first of these records; it names no option under which the file would fail."""
    hints = _hints(head, columns, options)
    ways = [_way(hint.options) for hint in hints]
    width = _width(head[1:]) or len(head[0].fields)
    if width >= sum(column.required for column in columns):
        ways.append(
            f"columns= gives the column of each of the {width} fields in order, with commas, and - for one of none"
        )
    if isinstance(options.header, bool | None) and any(
        _fits_by_position(record, columns, rules_of(options)) for record in head[1:]
    ):
        ways.append(
            "header=skip passes over this record and reads the others by position; header=false takes it for a row"
        )
    known = ", ".join(column.name for column in columns)
    sentence = f"{_problem(head[0], columns, options)} Expected, in any order: {known}"
    return FileRefused("header_mismatch", sentence, hints, dialect, ways)


def refuse_long_header(first: Head, chars_max: int, dialect: object) -> None:
    """Raise FileRefused where a record that is a header, or may be one, has more than so many characters."""
    if len(first.raw) > chars_max:
        code, sentence = header_too_long(first.line, chars_max)
        raise FileRefused(code, sentence, dialect=dialect)


def header_too_long(line: int, chars_max: int) -> Stop:
    """Return what is said of a header with more than so many characters."""
    return Stop(
        "header_too_long",
        f"the header on line {line} has more than {chars_max} characters (HEADER_CHARS_MAX): shorten its names, or "
        "take it out and say columns=",
    )


def refuse_single_quotes(head: Sequence[Head], rules: Rules) -> None:
    """Raise FileRefused where most texts stand in single quotes, as sqlite3 writes them in its mode quote."""
    fields = [field for record in head for field in record.fields if not rules.is_null(field)]
    texts = [field for field in fields if not is_integer_somehow(field)]
    in_quotes = [text for text in texts if len(text) > 1 and text[0] == text[-1] == "'"]
    if len(in_quotes) * 2 > len(texts):
        raise FileRefused(
            "single_quotes",
            "most texts stand in single quotes, which CSV does not have: write them in double quotes, or none",
        )


def _problem(first: Head, columns: Sequence[Column], options: Options) -> str:
    if first.fault:
        return f"line {first.line} may be a header, but it {first.fault.predicate}."
    if options.header is None and not names_any(first, columns):
        neither = "it has neither a column's name nor a value that fits a column"
        return f"line {first.line} may be a header or a title: {neither}."
    found = misfits(first.fields, columns, options.extra)
    problems = "; ".join(f"{quote_names(wrong)} {what}" for what, wrong in found.items())
    return f"the header on line {first.line} does not fit: {problems}."


def _hints(head: Sequence[Head], columns: Sequence[Column], options: Options) -> list[Hint]:
    """Return the options under which a header fits the table, and the records behind it have as many fields."""
    hints = []
    if is_header(head[0], columns, "ignore") and _width(head[1:]) in (None, len(head[0].fields)):
        hints.append(Hint("the header fits, apart from names that are no columns", {"extra": "ignore"}))
    for place, record in enumerate(head[1:], 2):
        if len(record.raw) > options.header_chars_max:
            continue
        if is_header(record, columns, options.extra) and _width(head[place:]) in (None, len(record.fields)):
            return [*hints, Hint(f"the header may be on line {record.line}", {"header": str(record.line)})]
    return hints


def _width(head: Sequence[Head]) -> int | None:
    """Return how many fields most records have, None where there is none."""
    widths = Counter(len(record.fields) for record in head)
    return widths.most_common(1)[0][0] if widths else None


def _way(options: Mapping[str, str]) -> str:
    """Return what the option of a hint does."""
    [(name, value)] = options.items()
    return f"{name}={value} {WAYS[name].format(value)}"


def _fits_by_position(record: Head, columns: Sequence[Column], rules: Rules) -> bool:
    """Whether a record is sound where its fields are the table's columns in order."""
    if record.fault or len(record.fields) != len(columns):
        return False
    return all(
        not (column.required or rules.strict)
        if rules.is_null(field)
        else not isinstance(rules.types[column.type].read(field), Fault)
        for column, field in zip(columns, record.fields, strict=True)
    )
