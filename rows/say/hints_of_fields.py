"""What the fields of refused rows say: decimals, orders of dates, words for an empty field, escapes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from rows.fault import Fault, Hint
from rows.options import Options
from rows.records.records import BLANK
from rows.say.account import Account
from rows.table import Column, Table
from rows.values.check import NULL_WORDS
from rows.values.rules import Rules, rules_of

WORDS_SHARE = 0.01
"""A null would be as frequent as this; people who are called Null are not."""

ORDERS = {
    "iso": "ISO 8601 has it",
    "dmy": "day, month, year",
    "mdy": "month, day, year",
    "ymd": "year, month, day",
    "unix": "seconds since 1970",
    "unix_ms": "milliseconds since 1970",
}
UNIX_DIGITS = {"unix": range(9, 12), "unix_ms": range(12, 15)}
"""So many digits have numbers of seconds, and of milliseconds, since the seventies; others may be anything."""


def hints_of_fields(account: Account, table: Table, options: Options) -> Iterator[Hint]:
    """Yield what the fields say that the account shows as refused, and what it noticed of the others."""
    refused = list(_refused_fields(account, table, rules_of(options)))
    yield from _decimal(refused, of_those_shown(account), options)
    yield from _dates(refused, of_those_shown(account), options)
    yield from _nulls(refused, account, options)
    yield from _escapes(account, options)


class Refused(NamedTuple):
    """A field of a refused row that is no value of its column's type, and the column."""

    column: Column
    text: str


def _decimal(refused: Sequence[Refused], of_shown: str, options: Options) -> Iterator[Hint]:
    texts = [text for column, text in refused if column.type == "integer"]
    for decimal in ("point", "comma"):
        read = rules_of(replace(options, decimal=decimal)).types["integer"].read
        if decimal != options.decimal and (found := _readable(texts, read)):
            sentence = (
                f"{_count(found, 'refused integer', of_shown)} written with a decimal {decimal}, such as {found[0]!r}"
            )
            yield Hint(sentence, {"decimal": decimal})


def _dates(refused: Sequence[Refused], of_shown: str, options: Options) -> Iterator[Hint]:
    """The order that reads most of the refused timestamps, or each of them where several do."""
    texts = [text for column, text in refused if column.type == "timestamp"]
    found = {order: _readable(texts, _date_reader(order, options)) for order in ORDERS if order != options.dates}
    if found.get("iso"):  # the other orders read that too
        found = {"iso": found["iso"]}
    most = max(map(len, found.values()))
    for order, read in found.items():
        if read and len(read) == most:
            sentence = f"{_count(read, 'refused timestamp', of_shown)} written as {ORDERS[order]}, such as {read[0]!r}"
            yield Hint(sentence, {"dates": order})


def _nulls(refused: Sequence[Refused], account: Account, options: Options) -> Iterator[Hint]:
    """Words that stand for an empty field: refused where a value of another type belongs, or frequent as texts."""
    in_typed = [text for column, text in refused if text in NULL_WORDS and not (column.required or options.strict)]
    stored = account.counts.inserted + account.counts.updated + account.counts.skipped
    frequent = [word for word, rows in account.words.items() if rows > 1 and rows >= stored * WORDS_SHARE]
    words = [word for word in dict.fromkeys((*in_typed, *frequent)) if word not in options.nulls]
    if not words:
        return
    rows = sum(account.words[word] for word in words)
    refusals = f"{len(in_typed)} refused field{'s' * (len(in_typed) != 1)}{of_those_shown(account)}"
    texts = f"{rows} text{'s' * (rows != 1)} that {'was' if rows == 1 else 'were'} stored"
    where = " and ".join(part for part, number in ((refusals, len(in_typed)), (texts, rows)) if number)
    sentence = f"an empty field may be written as {', '.join(words)}: in {where}"
    is_stored = account.counts.inserted + account.counts.updated and not account.dry_run
    if rows and is_stored and not (options.atomic and account.counts.rejected):
        sentence += f". DELETE /uploads/{account.upload_id} takes the upload back"
    yield Hint(sentence, {"nulls": ",".join((*options.nulls, *words))})


def _escapes(account: Account, options: Options) -> Iterator[Hint]:
    """Escapes in texts, which were stored as they stand."""
    if account.escaped and options.escape == "none":
        texts = "1 text has" if account.escaped == 1 else f"{account.escaped} texts have"
        yield Hint(f"{texts} what may be escapes, such as \\t for a tab, which were not read", {"escape": "backslash"})


def _refused_fields(account: Account, table: Table, rules: Rules) -> Iterator[Refused]:
    """Yield the fields of the refused rows that are no values of their columns' types."""
    for reject in account.rejects:
        for column, field in zip(table.columns, reject.fields or (), strict=False):
            text = field.strip(BLANK)
            if text and text not in rules.nulls and _readable([text], rules.types[column.type].read) == []:
                yield Refused(column, text)


def _readable(texts: Iterable[str], read: Callable[[str], object]) -> list[str]:
    return [text for text in texts if not isinstance(read(text), Fault)]


def _date_reader(order: str, options: Options) -> Callable[[str], object]:
    """Return what reads a date in an order; numbers only where they have as many digits as such numbers have."""
    read = rules_of(replace(options, dates=order)).types["timestamp"].read  # type: ignore[arg-type]
    digits = UNIX_DIGITS.get(order)
    if digits is None:
        return read
    return lambda text: read(text) if len(text.partition(".")[0].lstrip("+-")) in digits else Fault("", "")


def of_those_shown(account: Account) -> str:
    """Return what is said behind a number of refused fields where not all refused rows are shown, and looked at."""
    shown = len(account.rejects)
    return "" if account.counts.rejected == shown else f" of the first {shown} refused rows"


def _count(found: Sequence[str], thing: str, of_shown: str) -> str:
    number = len(found)
    return f"{number} {thing}{of_shown} is" if number == 1 else f"{number} {thing}s{of_shown} are"
