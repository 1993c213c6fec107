"""How the start of a file would be read: what can be looked at before anything is loaded."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rows.bytes.file import File
from rows.dialect.below import refuse_headers
from rows.dialect.find import Form, find_form, read_file
from rows.dialect.head import RECORDS_LOOKED_AT, read_head
from rows.fault import FileRefused
from rows.options import Options
from rows.records.kept import escape
from rows.records.records import LONE_SURROGATE, Records
from rows.say.account import Account
from rows.say.batch import Batch, Counts
from rows.say.hints import hints_of_account, hints_of_refusal
from rows.say.hints_of_form import sound_records
from rows.say.rejects import Reject, own_fields, rejects_of
from rows.table import Table
from rows.values.check import Checked, check
from rows.values.rules import rules_of

ROWS_SHOWN = 20


def preview_any(file: File, tables: Mapping[str, Table], options: Options, is_cut: bool) -> dict[str, Any]:
    """Return how a file would be read into the table that it fits best."""
    fitting = _fitting(file, tables, options) or _headed(file, tables, options)
    found = preview(file, tables[fitting[0] if fitting else next(iter(tables))], tables, options, is_cut)
    if fitting:
        return found
    found["hints"] = [hint for hint in found["hints"] if "columns" not in hint["options"]]  # those are of one table
    if found.get("problem", {}).get("code") in (None, "header_mismatch"):
        sentence = f"the file fits none of {', '.join(tables)}: name one, to see how it would be read into that"
        found |= {"columns": [], "problem": {"code": "no_table_fits", "detail": sentence}}
    return found | {"table": None}


def preview(file: File, table: Table, tables: Mapping[str, Table], options: Options, is_cut: bool) -> dict[str, Any]:
    """Return how a file would be read into a table, with its first rows, their faults, and hints.

    is_cut says that the file may go on, so that its last record counts for nothing.
    """
    options = replace(options, batch_rows=RECORDS_LOOKED_AT)
    fit = {"table": table.name, "tables": _fitting(file, tables, options)}
    try:
        form = find_form(file, table.columns, options)
    except FileRefused as refusal:
        refusal.hints = hints_of_refusal(refusal, file, table, tables, options)
        return fit | refused(refusal, file, options)
    batches = read_file(file, form, options)
    records = next(batches, Records([], [], form.dialect.delimiter))
    if is_cut and next(batches, None) is None:
        records = records.before(len(records) - 1)
    checked = check(records, table.columns, form.layout, rules_of(options))
    checked = refuse_headers(records, checked, form, table.columns, options, form.dialect.header is False)
    rejects = rejects_of(records, checked.faults, form.layout)
    account = Account(0, table.name, form.dialect)
    counts = Counts(read=len(checked.rows) + len(rejects), inserted=len(checked.rows), rejected=len(rejects))
    account.add(Batch(counts, [], [], [], [], rejects).shown(form.layout, account.room))
    found = {
        "dialect": form.dialect.shown(),
        "columns": _columns(form, table),
        "rows": _rows(records, checked, rejects, form, table)[:ROWS_SHOWN],
        "hints": [hint.as_dict() for hint in hints_of_account(account, file, form, table, tables, options)],
    }
    if not counts.read:
        _, reason, code = account.ending(options)
        found["problem"] = {"code": code, "detail": reason}
    return fit | found


def _fitting(file: File, tables: Mapping[str, Table], options: Options) -> list[str]:
    """Return the names of the tables that take any of the file's first records, those that take most first."""
    options = replace(options, columns=None)
    sound = {name: sound_records(file, table, options) for name, table in tables.items()}
    return sorted((name for name in sound if sound[name]), key=lambda name: -sound[name])


def _headed(file: File, tables: Mapping[str, Table], options: Options) -> list[str]:
    """Return the names of the tables that the file's header is of, although no record fits as it is."""
    return [name for name, table in tables.items() if _has_header(file, table, replace(options, columns=None))]


def _has_header(file: File, table: Table, options: Options) -> bool:
    try:
        return find_form(file, table.columns, options).dialect.header is True
    except FileRefused:
        return False


def _columns(form: Form, table: Table) -> list[dict[str, Any]]:
    """Return each field of a record: its name where the file has one, and the column that it goes into."""
    names = [*map(_as_text, form.layout.header or ())]
    by_place = {place: column.name for column, place in zip(table.columns, form.layout.places, strict=True)}
    return [
        {"name": names[number] if number < len(names) else None, "column": by_place.get(place)}
        for number, place in enumerate(form.layout.own)
    ]


def _rows(records: Records, checked: Checked, rejects: list[Reject], form: Form, table: Table) -> list[dict[str, Any]]:
    """Return the rows in file order: each with its fields as they were sent, and its values or what is wrong."""
    names = [column.name for column in table.columns]
    sound = [
        {"line": records.lines[index], "fields": own_fields(records, index, form.layout),
         "values": dict(zip(names, row, strict=True)), "fault": None}
        for index, row in zip(checked.indexes, checked.rows, strict=True)
    ]  # fmt: skip
    refused = [
        {"line": reject.line, "fields": reject.fields or [reject.record], "values": None,
         "fault": {"column": reject.column, "code": reject.code, "reason": reject.reason}}
        for reject in rejects
    ]  # fmt: skip
    return sorted(sound + refused, key=lambda row: row["line"])


def refused(refusal: FileRefused, file: File, options: Options) -> dict[str, Any]:
    """Return why a file would be refused as a whole, and its first records as they stand there, where that is known."""
    dialect = refusal.dialect
    head = read_head(file, dialect.encoding, dialect.delimiter, 1, options.record_chars_max) if dialect else []
    return {
        "dialect": dialect and dialect.shown(),
        "columns": [],
        "rows": [
            {"line": record.line, "fields": [*map(_as_text, record.fields)], "values": None, "fault": None}
            for record in head[:ROWS_SHOWN]
        ],
        "hints": [hint.as_dict() for hint in refusal.hints],
        "problem": {"code": refusal.code, "detail": refusal.sentence}
        | ({"ways": refusal.ways} if refusal.ways else {}),
    }


def _as_text(field: str) -> str:
    """Return a field as it was sent; where bytes of it are no text, it is escaped as a refused record is."""
    return escape(field) if LONE_SURROGATE.search(field) else field
