"""What a file says about the next try, each time with the options that would take it; nothing where nothing is better.

First stands what is not kept as it was sent. Every other hint was tried out: the refused rows that the answer shows,
or the file's first records, read in that way.
"""

from collections.abc import Mapping
from itertools import islice

from rows.bytes.file import File
from rows.dialect.find import Form
from rows.fault import FileRefused, Hint
from rows.options import Options
from rows.say.account import Account
from rows.say.entry import hints_of_rejects
from rows.say.hints_of_fields import hints_of_fields
from rows.say.hints_of_form import (
    Read,
    better_tables,
    encoding_of_header,
    encoding_of_refused,
    other_forms,
    rank_delimiters,
    read_as,
)
from rows.table import Table

HINTS_MAX = 5


def hints_of_account(
    account: Account, file: File, form: Form, table: Table, tables: Mapping[str, Table], options: Options
) -> list[Hint]:
    """Return what the account says once all records are read."""
    is_mostly_refused = account.counts.rejected * 2 > account.counts.read and form.layout.kept is None
    others = [*better_tables(file, table, tables, options)] if is_mostly_refused else []
    hints = (
        *hints_of_rejects(account, form.layout, options),
        *encoding_of_refused(account, file, form),
        *(other_forms(file, table, options, read_as(form, table)) if is_mostly_refused and not others else ()),
        *hints_of_fields(account, table, options),
        *others,
    )
    return list(islice(hints, HINTS_MAX))


def hints_of_refusal(
    refusal: FileRefused, file: File, table: Table, tables: Mapping[str, Table], options: Options
) -> list[Hint]:
    """Return all hints at a file that is refused as a whole: those of the refusal, and what else the file says."""
    if refusal.code == "delimiter_not_found":
        return rank_delimiters(refusal.hints, file, table, options)
    if refusal.code != "header_mismatch":
        return refusal.hints
    others = [*better_tables(file, table, tables, options)]
    if others:
        return others[:HINTS_MAX]
    hints = [*refusal.hints, *encoding_of_header(file, table, options)]
    if not hints and refusal.dialect:
        names = [column.name for column in table.columns]
        hints += other_forms(file, table, options, Read(refusal.dialect.encoding, refusal.dialect.delimiter, names))
    return hints[:HINTS_MAX]
