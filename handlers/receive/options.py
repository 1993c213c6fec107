"""The options of an upload, in its query."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers.answer.problems import Problem
from handlers.receive.query import FLAG, Reader, Sent, between, one_of, read_values
from rows.bytes.encoding import read_encoding
from rows.fault import cut
from rows.options import DELIMITERS, PASSED_OVER, Header, Options
from rows.records.records import BLANK
from rows.table import Column
from sql.files.tables import Table

WAYS = {"true": True, "false": False, "skip": "skip"}
LINE_MAX = 10**9

NULLS_MAX = 100
"""So many words may stand for an empty field."""

MEANING = re.compile(r"^ {4}([a-z_]+(?:, [a-z_]+)*): (.+(?:\n {8}.+)*)", re.MULTILINE)
"""What the docstring of Options says of some of them."""

CHOICES: dict[str, Reader] = {
    "strict": FLAG,
    "atomic": FLAG,
    "dry_run": FLAG,
    "on_conflict": one_of({name: name for name in ("skip", "update", "refuse")}),
    "delimiter": one_of({**DELIMITERS, "\t": "\t"}, known=" ".join(DELIMITERS)),
    "encoding": Reader(read_encoding, {"type": "string", "examples": ["utf-8", "utf-16", "cp1252"]}),
    "extra": one_of({"refuse": "refuse", "ignore": "ignore"}),
    "escape": one_of({"none": "none", "backslash": "backslash"}),
    "decimal": one_of({"point": "point", "comma": "comma"}),
    "dates": one_of({name: name for name in ("iso", "dmy", "mdy", "ymd", "unix", "unix_ms")}),
}


def read_options(sent: Sent, table: Table | None, options: Options) -> Options:
    """Return the options with those that were sent; `columns` is one only where the table is known."""
    return replace(options, **read_values(sent, readers_of(options, table and table.columns)))


def readers_of(options: Options, columns: Sequence[Column] | None) -> dict[str, Reader]:
    """Return how each option is read; `columns` is one only for a table with these, which is known."""
    readers = CHOICES | {
        "max_rejects": between(0, options.rejects_max),
        "header": Reader(_read_header, {"type": "string", "pattern": "^(true|false|skip|[1-9][0-9]{0,8})$"}),
        "nulls": Reader(_read_nulls, {"type": "string", "examples": ["NULL,NA"]}),
        "timezone": Reader(_read_timezone, {"type": "string", "examples": ["Europe/Berlin"]}),
    }
    if columns is not None:
        readers["columns"] = Reader(partial(_read_columns, columns=columns), {"type": "string"})
    return readers


def described_options(options: Options, with_columns: bool = True) -> dict[str, Reader]:
    """Return how each option is read for some table, with what Options says of it."""
    readers = readers_of(options, () if with_columns else None)
    meanings = {
        name: " ".join(sentence.split())
        for names, sentence in MEANING.findall(Options.__doc__ or "")
        for name in names.split(", ")
    }
    return {name: reader.described(meanings.get(name, "")) for name, reader in readers.items()}


def read_options_of_load(sent: Sent, table: Table, options: Options) -> Options:
    """Return the options of a load, all of which the table must take."""
    chosen = read_options(sent, table, options)
    if chosen.on_conflict == "update" and (missing := table.missing("update", "lock")):
        sentence = f"{table.name} takes no updates: it has no {' and no '.join(missing)}"
        raise Problem("no_update", sentence)
    return chosen


def _read_header(sent: str) -> Header:
    if re.fullmatch("[1-9][0-9]{0,9}", sent) and int(sent) <= LINE_MAX:
        return int(sent)
    return one_of(WAYS, known="true, false, skip, or the number of a line from 1 on").read(sent)


def _read_columns(sent: str, columns: Sequence[Column]) -> tuple[str, ...]:
    names = [name.strip(BLANK) for name in sent.split(",")]
    known = [column.name for column in columns]
    for name in names:
        if name not in known and name != PASSED_OVER:
            raise ValueError(
                f"has {cut(name)!r}, which is not one of {', '.join(known)}, nor {PASSED_OVER} for a field of none"
            )
        if name != PASSED_OVER and names.count(name) > 1:
            raise ValueError(f"has {name} twice")
    for column in columns:
        if column.required and column.name not in names:
            raise ValueError(f"is without {column.name}, which every row must have")
    return tuple(names)


def _read_nulls(sent: str) -> tuple[str, ...]:
    words = [word.strip(BLANK) for word in sent.split(",")] if sent else []
    if len(words) > NULLS_MAX:
        raise ValueError(f"has {len(words)} words: expected at most {NULLS_MAX}")
    if any(not word or re.search('["\r\n]', word) for word in words):
        raise ValueError(f"is {cut(sent)!r}: expected words with commas between them, as in NULL,NA, without quotes")
    return tuple(words)


def _read_timezone(sent: str) -> str:
    if re.fullmatch("[A-Z][A-Za-z0-9_+/-]{1,63}", sent):
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo(sent).key
    raise ValueError(f"is {cut(sent)!r}, which is not a name of the IANA time zone database, such as Europe/Berlin")
