"""GET /uploads, /uploads/{upload_id} and its rejects.csv: the ledger, newest first, and the refused rows."""

import codecs
from collections.abc import Generator
from typing import Any

import falcon
from falcon import Request, Response

from handlers.answer.csv import CSV, begun, csv_lines
from handlers.answer.places import Places
from handlers.answer.problems import Problem
from handlers.receive.query import between, read_query
from handlers.tables import find_table
from rows.dialect.delimiter import name_of
from rows.fault import cut
from rows.records.kept import COLUMNS
from rows.say.entry import names_of
from rows.say.runs import outcomes
from sql import Database
from sql.ledger import Connection

UPLOADS_SHOWN = 100
UPLOADS_SHOWN_MAX = 1000
NUMBERS = between(1, 2**63 - 1)


class Uploads:
    def __init__(self, database: Database):
        self.database = database

    def on_get(self, req: Request, resp: Response) -> None:
        query = {"limit": UPLOADS_SHOWN} | read_query(req, {"limit": between(1, UPLOADS_SHOWN_MAX), "before": NUMBERS})
        resp.media = self.database.uploads(**query)


class UploadEntry:
    def __init__(self, database: Database):
        self.database = database

    def on_get(self, req: Request, resp: Response, upload_id: str) -> None:
        read_query(req, {})
        with self.database.connection() as connection:
            resp.media = find_upload(self.database, connection, upload_id)


class Rejects:
    """GET /uploads/{upload_id}/rejects.csv: the file again, just its refused rows, with what is wrong behind each."""

    def __init__(self, database: Database, places: Places):
        self.database = database
        self.places = places

    def on_get(self, req: Request, resp: Response, upload_id: str) -> None:
        read_query(req, {})
        with self.database.connection() as connection:
            upload = find_upload(self.database, connection, upload_id)
        resp.content_type = CSV
        resp.stream = self.places.stream(req, begun(_rejects(self.database, upload)))


class UploadIds:
    """GET /uploads/{upload_id}/ids.csv: what became of every id, batch by batch in file order."""

    def __init__(self, database: Database, places: Places):
        self.database = database
        self.places = places

    def on_get(self, req: Request, resp: Response, upload_id: str) -> None:
        read_query(req, {})
        with self.database.connection() as connection:
            upload = find_upload(self.database, connection, upload_id)
            batches = self.database.ledger.batches(connection, upload["upload_id"], after=-1)
        if not batches and upload["inserted"] + upload["updated"] + upload["skipped"]:
            sentence = "the upload was made by an earlier release, which kept no ids"
            raise Problem(falcon.HTTP_409, "no_ids", sentence)
        resp.content_type = CSV
        resp.stream = self.places.stream(req, begun(_ids(self.database, upload["upload_id"])))


class Replaced:
    """GET /uploads/{upload_id}/replaced.csv: the rows as they stood before the upload, for on_conflict=update."""

    def __init__(self, database: Database, places: Places):
        self.database = database
        self.places = places

    def on_get(self, req: Request, resp: Response, upload_id: str) -> None:
        read_query(req, {})
        with self.database.connection() as connection:
            upload = find_upload(self.database, connection, upload_id)
        resp.content_type = CSV
        resp.stream = self.places.stream(req, begun(_replaced(self.database, upload)))


def find_upload(database: Database, connection: Connection, upload_id: str) -> dict[str, Any]:
    """Return the upload of a number in a path, or answer 404."""
    number = int(upload_id) if upload_id.isascii() and upload_id.isdigit() and len(upload_id) < 19 else 0
    upload = database.ledger.upload(connection, number)
    if upload is None:
        newest = [str(upload["upload_id"]) for upload in database.ledger.page(connection, limit=1)]
        known = f"the newest is {newest[0]}" if newest else "there is none yet"
        raise Problem(falcon.HTTP_404, "unknown_upload", f"{cut(upload_id)} is not the number of an upload: {known}")
    return upload


def _rejects(database: Database, upload: dict[str, Any]) -> Generator[bytes]:
    """Yield the refused rows of an upload as CSV with its delimiter, each page in a short read of its own.

    The byte order mark says that they are UTF-8, whatever ?encoding= they are sent again with.
    """
    dialect = upload["dialect"] or {"columns": [], "delimiter": ","}
    columns, delimiter = names_of(dialect["columns"]), dialect["delimiter"]
    header = codecs.BOM_UTF8 + csv_lines([[*columns, *COLUMNS]], delimiter)
    for page in database.reject_pages(upload["upload_id"]):
        yield header + csv_lines((_as_line(reject, len(columns), delimiter) for reject in page), delimiter)
        header = b""
    if header:
        yield header


def _as_line(reject: dict[str, Any], width: int, delimiter: str) -> list[Any]:
    is_whole = reject["fields"] is None
    split_by = name_of(reject["delimiter"] or delimiter) if is_whole else None
    fields = reject["fields"] or [None] * width
    whole = reject["record"] if is_whole else None
    return [*fields, reject["line"], reject["column"], reject["code"], reject["reason"], split_by, whole]


def _ids(database: Database, upload_id: int) -> Generator[bytes]:
    """Yield the ids of an upload as CSV, each with what became of its row."""
    yield csv_lines([("id", "outcome")])
    for page in database.batch_pages(upload_id):
        for batch in page:
            yield csv_lines(outcomes(batch))


def _replaced(database: Database, upload: dict[str, Any]) -> Generator[bytes]:
    """Yield the rows that an upload replaced as a CSV of its table, a row once, in the order in which it did."""
    yield csv_lines([[column.name for column in find_table(database, upload["table"]).columns]])
    for page in database.replaced_pages(upload["upload_id"]):
        yield csv_lines(page)
