"""GET /tables and what is below it: what tables there are, and their rows, one by one and as files."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from falcon import Request, Response

from handlers.answer.csv import CSV, Lines, csv_lines, under
from handlers.answer.places import Places
from handlers.answer.problems import Problem
from handlers.describe.operation import AS_CSV, OF_DATABASE, as_json, describes
from handlers.receive.query import between, read_query
from rows.fault import cut
from rows.say.runs import has_id
from sql import Database
from sql.files.tables import Table
from sql.ledger.pages import origins, rows_from, table_pages

INTEGER = re.compile("-?[0-9]{1,19}")
ID_MIN, ID_MAX = -(2**63), 2**63 - 1

ROWS_SHOWN = 100
ROWS_SHOWN_MAX = 1000

READERS = {
    "from": between(ID_MIN, ID_MAX).described("the smallest id that is shown"),
    "limit": between(1, ROWS_SHOWN_MAX).described("the most rows that are shown"),
}


class Tables:
    def __init__(self, database: Database, places: Places):
        self.database = database
        self.places = places

    @describes(
        "the tables, their columns and row counts, and which others each refers to",
        {200: as_json("Tables")},
        *("bad_parameter", "no_place", *OF_DATABASE),
    )
    def on_get(self, req: Request, resp: Response) -> None:
        read_query(req, {})
        with self.places.place():  # to count the rows of a large table takes as long as a report
            resp.media = [self._listed(table, req.root_path) for table in self.database.tables.values()]

    def _listed(self, table: Table, mount: str) -> dict[str, Any]:
        return {
            "name": table.name,
            "columns": [column._asdict() for column in table.columns],
            "refers_to": table.refers_to(self.database.tables),
            "rows": self.database.count(table),
            "url": f"{mount}/tables/{table.name}.csv",
        }


class TableRows:
    """GET /tables/{table}: its rows by id, a page at a time."""

    def __init__(self, database: Database):
        self.database = database

    @describes(
        "some rows of a table, by id: ?from= ?limit=",
        {200: as_json("Rows")},
        *("unknown_table", "bad_parameter", *OF_DATABASE),
        query=lambda rows, path: READERS,
    )
    def on_get(self, req: Request, resp: Response, table: str) -> None:
        found = find_table(self.database, table)
        asked = {"from": ID_MIN, "limit": ROWS_SHOWN} | read_query(req, READERS)
        rows = rows_from(self.database, found, asked["from"], asked["limit"] + 1)
        page, more = rows[: asked["limit"]], rows[asked["limit"] :]
        resp.media = {"rows": page, "next": more[0][found.columns[0].name] if more else None}


class TableFile:
    def __init__(self, database: Database, places: Places):
        self.database = database
        self.places = places

    @describes(
        "a table as CSV, which uploads again as it is",
        {200: AS_CSV},
        *("unknown_table", "bad_parameter", "no_place", *OF_DATABASE),
    )
    def on_get(self, req: Request, resp: Response, table: str) -> None:
        read_query(req, {})
        found = find_table(self.database, table)
        resp.content_type = CSV
        resp.stream = self.places.stream(req, _lines(self.database, found))


class TableRow:
    """GET /tables/{table}/{id}: a row as it is stored, and the uploads that inserted or updated it."""

    def __init__(self, database: Database):
        self.database = database

    @describes(
        "a row, and the uploads that it came from",
        {200: as_json("Row")},
        *("unknown_table", "unknown_id", "bad_parameter", *OF_DATABASE),
    )
    def on_get(self, req: Request, resp: Response, table: str, id: str) -> None:
        read_query(req, {})
        found = find_table(self.database, table)
        number = int(id) if INTEGER.fullmatch(id) else ID_MAX + 1
        row = self.database.row(found, number) if ID_MIN <= number <= ID_MAX else None
        if row is None:
            raise Problem("unknown_id", f"no row of {found.name} has the id {id}")
        resp.media = {"row": row, "uploads": list(_changes(origins(self.database, found, number), number))}


def find_table(database: Database, name: str) -> Table:
    """Return the table of that name, or answer 404."""
    if name not in database.tables:
        raise Problem("unknown_table", f"{cut(name)} is not one of {', '.join(database.tables)}")
    return database.tables[name]


def _lines(database: Database, table: Table) -> Lines:
    header = csv_lines([[column.name for column in table.columns]])
    return under(header, map(csv_lines, table_pages(database, table)))


def _changes(batches: Iterable[Mapping[str, Any]], id: int) -> Iterator[dict[str, Any]]:
    """Yield which uploads inserted or updated a row, oldest first, of the batches that may have."""
    for batch in batches:
        for outcome in ("inserted", "updated"):
            if has_id(batch[outcome], id):
                yield {"upload_id": batch["upload_id"], "outcome": outcome}
