"""GET /uploads, /uploads/{upload_id} and its files: the ledger, newest first, and what it keeps of each upload."""

import re
from collections.abc import Callable
from typing import Any

import falcon
from falcon import Request, Response

from handlers.answer.csv import CSV, Lines
from handlers.answer.facts import note
from handlers.answer.places import Places
from handlers.answer.problems import Problem
from handlers.answer.upload_files import expect_kept, no_ids
from handlers.describe.operation import OF_DATABASE, Operation, as_json, describes
from handlers.receive.query import FLAG, Reader, between, of_type, one_of, read_query
from handlers.tables import find_table
from rows.fault import cut
from rows.undo.take_back import NothingToTakeBack, take_back, try_taking_back
from sql import Database
from sql.files.tables import Table
from sql.ledger.uploads import STATUSES, Connection

UPLOADS_SHOWN = 100
UPLOADS_SHOWN_MAX = 1000
NUMBERS = between(1, 2**63 - 1)


def _read_sha256(sent: str) -> str:
    """Read what sha256sum prints."""
    if not re.fullmatch("[0-9A-Fa-f]{64}", sent):
        raise ValueError(f"is {cut(sent)!r}, expected the 64 hexadecimal digits of a file's SHA-256")
    return sent.lower()


READERS: dict[str, Reader] = {
    "limit": between(1, UPLOADS_SHOWN_MAX).described("the most uploads that are shown"),
    "before": NUMBERS.described("goes on behind the upload with this number"),
    "status": one_of({status: status for status in STATUSES}),
    "sha256": Reader(_read_sha256, {"type": "string", "pattern": "^[0-9A-Fa-f]{64}$"}).described("of the file as sent"),
    "since": of_type("timestamp").described("those that started then or later"),
    "source": Reader(str, {"type": "string"}).described("key: and an Idempotency-Key, or the name of an object"),
}


class Uploads:
    def __init__(self, database: Database):
        self.database = database

    @describes(
        "the ledger of uploads, newest first: ?limit= ?before=, ?table= ?status= ?sha256= ?since= ?source=",
        {200: as_json("Uploads")},
        *("bad_parameter", *OF_DATABASE),
        query=lambda uploads, path: uploads.readers(),
    )
    def on_get(self, req: Request, resp: Response) -> None:
        resp.media = self.database.uploads(**{"limit": UPLOADS_SHOWN} | read_query(req, self.readers()))

    def readers(self) -> dict[str, Reader]:
        """Return how the query is read."""
        return READERS | {"table": one_of({name: name for name in self.database.tables})}


class UploadEntry:
    def __init__(self, database: Database, places: Places, undo_seconds: float):
        self.database = database
        self.places = places
        self.undo_seconds = undo_seconds

    @describes("one upload", {200: as_json("Upload")}, "unknown_upload", "bad_parameter", *OF_DATABASE)
    def on_get(self, req: Request, resp: Response, upload_id: str) -> None:
        read_query(req, {})
        with self.database.connection() as connection:
            resp.media = find_upload(self.database, connection, upload_id)

    @describes(
        "take it back: its rows go, and those that it updated stand as before; ?dry_run=true",
        {200: as_json("Undo"), 202: as_json("Undo")},
        *("unknown_upload", "unknown_table", "bad_parameter", "nothing_to_take_back", "no_ids", "rows_erased"),
        *("no_delete", "rows_lost", "no_place", *OF_DATABASE),
        query=lambda entry, path: {"dry_run": FLAG.described("says what it would do")},
    )
    def on_delete(self, req: Request, resp: Response, upload_id: str) -> None:
        """Take the upload back: 202 with how far that is where it takes long, and sent again it goes on."""
        dry_run = read_query(req, {"dry_run": FLAG}).get("dry_run", False)
        with self.places.place():
            number, table = _find_undo(self.database, upload_id)
            note(req, upload_id=number, table=table.name, dry_run=dry_run)
            if dry_run:
                progress = try_taking_back(number, table, self.database)
            else:
                progress = take_back(number, table, self.database, self.undo_seconds)
        resp.status = falcon.HTTP_200 if progress.is_done else falcon.HTTP_202
        resp.media = progress.as_dict(number, dry_run)


class UploadFile:
    """GET /uploads/{upload_id}/rejects.csv and the like: what the ledger keeps of an upload, in lines of CSV."""

    def __init__(
        self,
        database: Database,
        places: Places,
        lines: Callable[[Database, dict[str, Any]], Lines],
        operation: Operation,
    ):
        self.database = database
        self.places = places
        self.lines = lines
        self.operation = operation

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
        raise Problem("unknown_upload", f"{cut(upload_id)} is not the number of an upload: {known}")
    return upload


def _find_undo(database: Database, upload_id: str) -> tuple[int, Table]:
    """Return the number and the table of an upload that can be taken back, or answer why it cannot be."""
    with database.connection() as connection:
        upload = find_upload(database, connection, upload_id)
        has_ids = bool(database.ledger.batches(connection, upload["upload_id"], -1))
    if upload["status"] == "refused" or upload["options"].get("dry_run"):
        raise NothingToTakeBack
    if upload["inserted"] + upload["updated"] and not has_ids:
        raise no_ids()
    if upload["updated"]:  # a row that it inserted can go without them
        expect_kept(upload)
    table = find_table(database, upload["table"])
    if missing := table.missing("lock", "delete", *(["update"] if upload["updated"] else [])):
        sentence = f"uploads to {table.name} cannot be taken back: it has no {' and no '.join(missing)}"
        raise Problem("no_delete", sentence)
    return upload["upload_id"], table
