"""What is read in pages, each in a short read of its own: nobody waits for who takes them, and memory has one page."""

import json
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, TypeVar

from sql.database import Database
from sql.files.tables import Table

PAGE_ROWS = 1000
"""A table is read in pages of this many rows."""

RANGE_ROWS = 4000
"""A table that is spread over machines is read in ranges of ids with about so many rows."""

ID_MIN, ID_MAX = -(2**63), 2**63 - 1

Page = TypeVar("Page", bound=list[Any])


def table_pages(database: Database, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """Yield a table's rows by id."""
    if "range" in table.statements:
        return _in_ranges(database, table)

    def read(connection: Any, after: int) -> list[tuple[Any, ...]]:
        if after == ID_MAX:
            return []
        return connection.select(table.statements["page"], {"first": after + 1, "rows": PAGE_ROWS}).rows

    return _in_pages(database, read, ID_MIN - 1, lambda row: row[0])


def rows_from(database: Database, table: Table, first: int, rows: int) -> list[dict[str, Any]]:
    """Return the next rows of a table by id, from an id on."""
    wanted = {"first": first, "rows": rows}
    with database.connection() as connection:
        if "range" in table.statements:
            return connection.select(table.statements["range"], wanted | {"last": ID_MAX}).dicts()
        return connection.select(table.statements["page"], wanted).dicts()


def _in_ranges(database: Database, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """Yield a table's rows by id, in ranges of ids so wide that each has about RANGE_ROWS rows.

    That is for a table that is spread over machines. Each of its shards sends the first rows of what it is asked for,
    as many as the page may have: of an open range most of those are for nothing.
    """

    def read(first: int, last: int, rows: int) -> list[tuple[Any, ...]]:
        with database.connection() as connection:
            return connection.select(table.statements["range"], {"first": first, "last": last, "rows": rows}).rows

    first, width = ID_MIN, RANGE_ROWS
    while first <= ID_MAX:
        last = min(first + width - 1, ID_MAX)
        page = read(first, last, RANGE_ROWS)
        if page:
            yield page
            width = max(1, width * RANGE_ROWS // len(page))
            first = (page[-1][0] if len(page) == RANGE_ROWS else last) + 1
        else:
            ahead = read(last, ID_MAX, 1)
            first = ahead[0][0] if ahead else ID_MAX + 1


def reject_page(database: Database, upload_id: int, after: int, before: Callable[[int], None]) -> list[dict[str, Any]]:
    """Return the next refused rows of an upload, as the ledger's rejects does."""
    with database.connection() as connection:
        return database.ledger.rejects(connection, upload_id, after, before)


def batch_pages(database: Database, upload_id: int) -> Iterator[list[dict[str, Any]]]:
    """Yield what became of the ids of an upload, batch by batch in file order."""
    read = database.ledger.batches
    return _in_pages(
        database, lambda connection, after: read(connection, upload_id, after), -1, lambda batch: batch["read_before"]
    )


def replaced_pages(database: Database, upload_id: int) -> Iterator[list[list[Any]]]:
    """Yield the rows that an upload replaced as they stood before it, each once, in the order in which it did."""
    read = database.ledger.replaced
    pages = _in_pages(
        database, lambda connection, after: read(connection, upload_id, after), 0, lambda row: row["number"]
    )
    return ([json.loads(row["content"]) for row in page] for page in pages)


def origins(database: Database, table: Table, id: int) -> Iterator[dict[str, Any]]:
    """Yield the batches that may have inserted or updated a row, oldest first."""

    def read(connection: Any, after: tuple[int, int]) -> list[dict[str, Any]]:
        return database.ledger.origins(connection, table.name, id, *after)

    pages = _in_pages(database, read, (0, -1), lambda batch: (batch["upload_id"], batch["read_before"]))
    return chain.from_iterable(pages)


def _in_pages(
    database: Database, read: Callable[[Any, Any], Page], first: Any, place_of: Callable[[Any], Any]
) -> Iterator[Page]:
    """Yield what read gives on a connection for a place to go on behind: at first, and the place of the last item."""
    after = first
    while True:
        with database.connection() as connection:
            page = read(connection, after)
        if not page:
            return
        yield page
        after = place_of(page[-1])
