"""POST /upload/{table}: a CSV file in, stored rows and an account of every record out."""

from dataclasses import replace

import falcon
from falcon import Request, Response

from handlers.answer.json import stream
from handlers.answer.places import Places
from handlers.receive.file import receive
from handlers.receive.query import one_of, read_query
from handlers.tables import find_table
from rows.bytes.encoding import read_encoding
from rows.load import load
from rows.options import Options
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
    def __init__(
        self, database: Database, options: Options, places: Places, upload_bytes_max: int, body_timeout: float
    ):
        self.database = database
        self.options = options
        self.places = places
        self.limits = (upload_bytes_max, body_timeout)

    def on_post(self, req: Request, resp: Response, table: str) -> None:
        found = find_table(self.database, table)
        options = replace(self.options, **read_query(req, CHOICES))
        with self.places.place(), receive(req, *self.limits) as file:
            account = load(file, found, options, self.database)
        resp.content_type = falcon.MEDIA_JSON
        resp.stream = stream(account.as_dict())
