"""GET /uploads, /uploads/{upload_id} and its files: the ledger, newest first, and what it keeps of each upload."""

from collections.abc import Callable
from typing import Any

import falcon
from falcon import Request, Response

from handlers.answer.csv import CSV, Lines
from handlers.answer.places import Places
from handlers.answer.problems import Problem
from handlers.receive.query import between, read_query
from rows.fault import cut
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


class UploadFile:
    """GET /uploads/{upload_id}/rejects.csv and the like: what the ledger keeps of an upload, in lines of CSV."""

    def __init__(self, database: Database, places: Places, lines: Callable[[Database, dict[str, Any]], Lines]):
        self.database = database
        self.places = places
        self.lines = lines

    def on_get(self, req: Request, resp: Response, upload_id: str) -> None:
        read_query(req, {})
        with self.database.connection() as connection:
            upload = find_upload(self.database, connection, upload_id)
        resp.content_type = CSV
        resp.stream = self.places.stream(req, self.lines(self.database, upload))


def find_upload(database: Database, connection: Connection, upload_id: str) -> dict[str, Any]:
    """Return the upload of a number in a path, or answer 404."""
    number = int(upload_id) if upload_id.isascii() and upload_id.isdigit() and len(upload_id) < 19 else 0
    upload = database.ledger.upload(connection, number)
    if upload is None:
        newest = [str(upload["upload_id"]) for upload in database.ledger.page(connection, limit=1)]
        known = f"the newest is {newest[0]}" if newest else "there is none yet"
        raise Problem(falcon.HTTP_404, "unknown_upload", f"{cut(upload_id)} is not the number of an upload: {known}")
    return upload
