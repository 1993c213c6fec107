"""POST /upload/{table}: a CSV file in, stored rows and an account of every record out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import BoundedSemaphore

import falcon
from falcon import Request, Response

from handlers.file import receive
from handlers.json import stream
from handlers.problems import Problem
from handlers.query import one_of, read_query
from handlers.tables import find_table
from rows.load import load
from rows.options import Options
from rows.text import read_encoding
from sql import Database

FLAG = one_of({"true": True, "false": False})

CHOICES = {
    "strict": FLAG,
    "atomic": FLAG,
    "dry_run": FLAG,
    "delimiter": one_of({",": ",", ";": ";", "tab": "\t", "|": "|", "\t": "\t"}, known=", ; tab |"),
    "encoding": read_encoding,
    "header": one_of({"true": True, "false": False, "skip": "skip"}),
}


class Upload:
    """Takes at most `places` uploads at a time, so that the other threads keep answering reports."""

    def __init__(self, database: Database, options: Options, places: int, upload_bytes_max: int, body_timeout: float):
        self.database = database
        self.options = options
        self.places = BoundedSemaphore(places)
        self.limits = (upload_bytes_max, body_timeout)

    def on_post(self, req: Request, resp: Response, table: str) -> None:
        found = find_table(self.database, table)
        options = replace(self.options, **read_query(req, CHOICES))
        with self.place(), receive(req, *self.limits) as file:
            account = load(file, found, options, self.database)
        resp.content_type = falcon.MEDIA_JSON
        resp.stream = stream(account.as_dict())

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one of the places for the block, or answer 503 if all are taken."""
        if not self.places.acquire(blocking=False):
            raise Problem(falcon.HTTP_503, "all places for uploads are taken (UPLOADS_MAX): try again later")
        try:
            yield
        finally:
            self.places.release()
