"""POST and PUT /upload/{table}: a CSV file in, stored rows and an account of every record out."""

import falcon
from falcon import Request, Response

from handlers.answer.facts import note_account
from handlers.answer.json import dumps_members
from handlers.answer.places import Places
from handlers.describe.operation import FILE, OF_DATABASE, OF_LOADING, OF_RECEIVING, PACKED, as_json, describes
from handlers.receive.file import receive
from handlers.receive.key import HEADER, KEY, read_source
from handlers.receive.options import described_options, read_options_of_load
from handlers.tables import find_table
from rows.bytes.spool import Spools
from rows.load import load
from rows.options import Options
from rows.watch import Watch
from sql import Database

UPLOADS = describes(
    "a CSV file in, the account of its rows out",
    {200: as_json("Account")},
    *("unknown_table", "bad_parameter", *OF_RECEIVING, *OF_LOADING, *OF_DATABASE),
    query=lambda upload, path: described_options(upload.options),
    headers={HEADER: KEY, **PACKED},
    body=FILE,
    is_upload=True,
)


class Upload:
    def __init__(
        self,
        database: Database,
        options: Options,
        places: Places,
        spools: Spools,
        upload_bytes_max: int,
        body_timeout: float,
        watch: Watch,
    ):
        self.database = database
        self.options = options
        self.places = places
        self.receiving = (spools, upload_bytes_max, body_timeout)
        self.watch = watch

    @UPLOADS
    def on_post(self, req: Request, resp: Response, table: str) -> None:
        found = find_table(self.database, table)
        options, source = read_options_of_load(req.params, found, self.options), read_source(req)
        with self.places.place(), receive(req, *self.receiving) as file:
            account = load(file, found, options, self.database, source, self.watch)
        note_account(req, account)
        resp.content_type = falcon.MEDIA_JSON
        resp.data = dumps_members(account.as_dict(req.root_path))

    @UPLOADS
    def on_put(self, req: Request, resp: Response, table: str) -> None:
        """Answer `curl -T`, which says no type: then it is CSV."""
        req.content_type = req.content_type or "text/csv"
        self.on_post(req, resp, table)
