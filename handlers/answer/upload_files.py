"""What the ledger keeps of an upload, as files: its refused rows, its ids, and the rows that it replaced."""

import codecs
from collections.abc import Iterator
from itertools import chain
from typing import Any, TypeVar

from handlers.answer.csv import Lines, csv_lines, under
from handlers.answer.problems import Problem
from handlers.describe.operation import AS_CSV, OF_DATABASE, describe
from rows.bytes.turn import Turn
from rows.dialect.delimiter import name_of
from rows.fault import cut
from rows.records.kept import COLUMNS
from rows.say.entry import names_of
from rows.say.runs import outcomes
from sql import Database
from sql.ledger.pages import batch_pages, reject_page, replaced_pages

Part = TypeVar("Part")


REJECTS = describe(
    "its refused rows as CSV, to be corrected and uploaded again",
    {200: AS_CSV},
    *("unknown_upload", "bad_parameter", "rows_erased", "no_place", "turn_late", *OF_DATABASE),
)

IDS = describe(
    "its ids as CSV, each with what became of it",
    {200: AS_CSV},
    *("unknown_upload", "bad_parameter", "no_ids", "no_place", *OF_DATABASE),
)

REPLACED = describe(
    "the rows that it updated, as they stood before, as CSV",
    {200: AS_CSV},
    *("unknown_upload", "unknown_table", "bad_parameter", "rows_erased", "no_place", *OF_DATABASE),
)


def rejects(turn: Turn, database: Database, upload: dict[str, Any]) -> Lines:
    """Return rejects.csv: the file again with its delimiter, just its refused rows, with what is wrong behind each.

    The byte order mark says that it is UTF-8, whatever ?encoding= it is sent again with. What is large is read in turn.
    """
    expect_kept(upload)
    dialect = upload["dialect"] or {"columns": [], "delimiter": ","}
    columns, delimiter = names_of(dialect["columns"]), dialect["delimiter"]
    header = codecs.BOM_UTF8 + csv_lines([[*columns, *COLUMNS]], delimiter)
    return under(
        header, _kept(database, upload, _reject_lines(turn, database, upload["upload_id"], len(columns), delimiter))
    )


def _reject_lines(turn: Turn, database: Database, upload_id: int, width: int, delimiter: str) -> Iterator[bytes]:
    """Yield the lines of the refused rows, a page at a time: no more than the lines is held while they are sent."""
    after = 0
    while True:
        with turn.given_back():
            page = reject_page(database, upload_id, after, turn.need)
            if not page:
                return
            after = page[-1]["line"]
            lines = csv_lines((_as_line(reject, width, delimiter) for reject in page), delimiter)
            del page
        yield lines


def ids(database: Database, upload: dict[str, Any]) -> Lines:
    """Return ids.csv: what became of the row of every id, batch by batch in file order.

    Answers 409 for an upload of a release that kept no ids.
    """
    pages = batch_pages(database, upload["upload_id"])
    first = next(pages, [])
    if not first and upload["inserted"] + upload["updated"] + upload["skipped"]:
        raise no_ids()
    batches = (map(outcomes, page) for page in chain([first], pages))
    return under(csv_lines([("id", "outcome")]), (csv_lines(chain.from_iterable(page)) for page in batches))


def no_ids() -> Problem:
    return Problem("no_ids", "the upload was made by an earlier release, which kept no ids")


def replaced(database: Database, upload: dict[str, Any]) -> Lines:
    """Return replaced.csv: the rows that the upload updated as they stood before, each once, in that order."""
    expect_kept(upload)
    table = database.tables.get(upload["table"])
    if table is None:  # an object of a bucket may name any, and a table's folder may be gone
        raise Problem("unknown_table", f"there is no table {cut(upload['table'])}")
    header = csv_lines([[column.name for column in table.columns]])
    pages = _kept(database, upload, replaced_pages(database, upload["upload_id"]))
    return under(header, map(csv_lines, pages))


def expect_kept(upload: dict[str, Any] | None) -> None:
    """Answer 410 for an upload whose refused and replaced rows were deleted."""
    if upload and upload["erased_at"]:
        raise Problem(
            "rows_erased",
            f"the refused and replaced rows of upload {upload['upload_id']} were deleted at {upload['erased_at']}, on "
            "request or after LEDGER_DAYS: its counts and ids.csv are kept",
            is_logged=True,
        )


def _kept(database: Database, upload: dict[str, Any], pages: Iterator[Part]) -> Iterator[Part]:
    """Yield pages of an upload's rows. Where they are deleted meanwhile, the answer breaks off: it is not whole."""
    yield from pages
    with database.connection() as connection:
        expect_kept(database.ledger.upload(connection, upload["upload_id"]))


def _as_line(reject: dict[str, Any], width: int, delimiter: str) -> list[Any]:
    is_whole = reject["fields"] is None
    split_by = name_of(reject["delimiter"] or delimiter) if is_whole else None
    fields = reject["fields"] or [None] * width
    whole = reject["record"] if is_whole else None
    return [*fields, reject["line"], reject["column"], reject["code"], reject["reason"], split_by, whole]
