"""POST /preview and /preview/{table}: the start of a file in, how it would be read out. Nothing is stored."""

from typing import Any

import falcon
from falcon import Request, Response

from handlers.answer.json import dumps
from handlers.answer.places import Places
from handlers.describe.operation import FILE, OF_DATABASE, OF_RECEIVING, PACKED, as_json, describes
from handlers.receive.file import receive
from handlers.receive.options import described_options, read_options
from handlers.tables import find_table
from rows.bytes.file import File, spool_start
from rows.bytes.spool import Spools
from rows.bytes.zip import unzipped_start
from rows.fault import FileRefused
from rows.options import Options
from rows.say.preview import preview, preview_any, refused
from sql import Database
from sql.files.tables import Table

PREVIEW_BYTES_MAX = 1024 * 1024
"""A start is no larger than this, nor is what is read of what it unpacks to."""

LIMIT = "send no more than its start, as head -c 262144 gives it"

WHOLE_BYTES = 64 * 1024
"""What is as large as this may be cut off: then its last record counts for nothing."""


class Preview:
    def __init__(self, database: Database, options: Options, places: Places, spools: Spools, body_timeout: float):
        self.database = database
        self.options = options
        self.places = places
        self.receiving = (spools, PREVIEW_BYTES_MAX, body_timeout)

    @describes(
        "the start of a file in, how it would be read out; nothing is stored",
        {200: as_json("Preview")},
        *("unknown_table", "bad_parameter", "archive_damaged", *OF_RECEIVING, *OF_DATABASE),
        query=lambda looks, path: described_options(looks.options, with_columns="{table}" in path),
        headers=PACKED,
        body=FILE,
    )
    def on_post(self, req: Request, resp: Response, table: str | None = None) -> None:
        found = find_table(self.database, table) if table else None
        options = read_options(req.params, found, self.options)
        with self.places.place(), receive(req, *self.receiving, spool_start, LIMIT) as file:
            file.turn.need(file.sent_bytes)  # all that is read of the file is held until the answer is made
            resp.content_type = falcon.MEDIA_JSON
            resp.data = dumps(self._preview(file, found, options)).encode()

    def _preview(self, file: File, table: Table | None, options: Options) -> dict[str, Any]:
        tables, is_cut = self.database.tables, file.sent_bytes >= WHOLE_BYTES
        try:
            with unzipped_start(file) as content:
                if table is None:
                    return preview_any(content, tables, options, is_cut)
                return preview(content, table, tables, options, is_cut)
        except FileRefused as refusal:
            return {"table": table and table.name, "tables": []} | refused(refusal, file, options)
