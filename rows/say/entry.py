"""An upload's entry in the ledger: what a file and its options put there, cut so that the ledger stays small."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import ceil
from typing import Any

from rows.dialect.find import Dialect
from rows.dialect.header import UNSAID
from rows.fault import Hint
from rows.options import Options
from rows.records.layout import Layout
from rows.say.account import Account
from rows.table import Column

ENTRY_BYTES_MAX = 4096
"""An entry holds at most so many bytes of what is sent, as JSON; the columns of its table are named beside that."""

FILE_NAME_BYTES_MAX = ENTRY_BYTES_MAX // 16
WORDS_BYTES_MAX = ENTRY_BYTES_MAX // 16
HEADER_RECORD_BYTES_MAX = ENTRY_BYTES_MAX // 16
NAMES_BYTES_MAX = ENTRY_BYTES_MAX // 4
REASON_BYTES_MAX = ENTRY_BYTES_MAX * 3 // 16
HINTS_BYTES_MAX = ENTRY_BYTES_MAX * 3 // 16
"""What each part may have of them. WORDS is for each option that is a list; the other options are a few bytes each."""

CHARACTER_BYTES_MAX = 12
"""So many bytes a character has in JSON of ASCII alone."""

MORE = "..."
MORE_HINTS = {"sentence": "there were more hints, which are too long to be kept", "options": {}}


def kept_file_name(name: str | None) -> str | None:
    """Return a file's name as it is kept: no file system has a longer one."""
    encoded = (name or "").encode()
    if len(encoded) <= FILE_NAME_BYTES_MAX:
        return name
    return encoded[: FILE_NAME_BYTES_MAX - len(MORE)].decode(errors="ignore") + MORE


def kept_options(options: Options) -> dict[str, Any]:
    """Return the choices that differ from the defaults, as they are kept."""
    return {
        name: first_of(choice, MORE, WORDS_BYTES_MAX) if isinstance(choice, tuple) else choice
        for name, choice in options.chosen().items()
    }


def kept_dialect(dialect: Dialect, names: Sequence[str | int]) -> dict[str, Any]:
    """Return a dialect as it is kept, with the names of the file's fields."""
    shown = dialect.shown()
    if dialect.header_record:
        shown["header_record"] = beginning(dialect.header_record, HEADER_RECORD_BYTES_MAX)
    return {**shown, "columns": [*names]}


def kept_names(layout: Layout, columns: Sequence[Column]) -> list[str | int]:
    """Return the names of a file's fields as they are kept.

    Where they are long together, each column has its table's name, and a number stands for so many fields of none.
    """
    if json_bytes(layout.names) <= NAMES_BYTES_MAX:
        return [*layout.names]
    by_place = {place: column.name for column, place in zip(columns, layout.places, strict=True)}
    runs = groupby(by_place.get(place) for place in layout.own)
    return [name or len(list(fields)) for name, fields in runs]


def names_of(kept: Iterable[str | int]) -> list[str]:
    """Return a name for each field: UNSAID for those that a number stands for."""
    return [name for item in kept for name in ([UNSAID] * item if isinstance(item, int) else [item])]


def hints_of_rejects(account: Account, layout: Layout, options: Options) -> Iterator[Hint]:
    """Yield what is to be known of a rejects.csv that is not all that was sent."""
    if account.has_shortened:
        yield Hint(
            "rejects.csv is not complete: the refused records have more than "
            f"{options.rejects_bytes_max} bytes together (REJECTS_BYTES_MAX), so some are kept without their end, and "
            "have to be corrected in the file itself",
            {},
        )
    if account.counts.rejected and json_bytes(layout.names) > NAMES_BYTES_MAX:
        yield Hint(
            "the names of the header are too long to be kept: in rejects.csv each column has its table's name, and "
            f"every other field is called {UNSAID}",
            {},
        )


def kept_reason(reason: str | None) -> str | None:
    """Return why an upload did not finish, as it is kept."""
    return reason and beginning(reason, REASON_BYTES_MAX)


def kept_hints(hints: Sequence[Hint]) -> list[dict[str, Any]]:
    """Return hints as they are kept."""
    return first_of([hint.as_dict() for hint in hints], MORE_HINTS, HINTS_BYTES_MAX)


def first_of(items: Sequence[Any], more: Any, bytes_max: int) -> list[Any]:
    """Return the items, or those that JSON has in so many bytes, and behind them what says that there are more."""
    if json_bytes(items) <= bytes_max:
        return [*items]
    kept: list[Any] = []
    for item in items:
        if json_bytes([*kept, item, more]) <= bytes_max:
            kept.append(item)
    return [*kept, more]


def beginning(text: str, bytes_max: int) -> str:
    """Return a text, or the beginning of it that JSON has in so many bytes."""
    if json_bytes(text) <= bytes_max:
        return text
    kept = text[:bytes_max]
    while (over := json_bytes(kept + MORE) - bytes_max) > 0:
        kept = kept[: len(kept) - ceil(over / CHARACTER_BYTES_MAX)]
    return kept + MORE


def json_bytes(value: Any) -> int:
    """Return how many bytes a value has as the ledger keeps it: JSON of ASCII alone."""
    return len(json.dumps(value))
