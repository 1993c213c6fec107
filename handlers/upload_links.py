"""POST /upload-links/{table}: a link by which a file comes in past this service, into a bucket of S3."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

import falcon
from falcon import Request, Response

from handlers.answer.problems import Problem
from handlers.describe.operation import OF_DATABASE, as_json, describes
from handlers.receive.options import described_options, read_options_of_load
from handlers.tables import find_table
from rows.options import Options
from sql import Database


class Link(NamedTuple):
    """A form that takes one file: its URL and fields, and the source under which the ledger will have the upload."""

    url: str
    fields: dict[str, str]
    key: str
    max_bytes: int
    expires_at: str
    source: str


class Bucket(Protocol):
    """What a link is to."""

    @property
    def origin(self) -> str:
        """The scheme and host of its URLs."""

    def link(self, table: str, options: Mapping[str, Any]) -> Link:
        """Return a link for a file into a table, with these options of an upload: the text of each."""


class UploadLinks:
    def __init__(self, database: Database, options: Options, bucket: Bucket | None):
        self.database = database
        self.options = options
        self.bucket = bucket

    @describes(
        "a link out, by which a larger file comes in, where the service has a bucket for it",
        {201: as_json("Link")},
        *("unknown_table", "bad_parameter", "no_update", "no_bucket", *OF_DATABASE),
        query=lambda links, path: described_options(links.options),
    )
    def on_post(self, req: Request, resp: Response, table: str) -> None:
        found = find_table(self.database, table)
        read_options_of_load(req.params, found, self.options)
        if self.bucket is None:
            sentence = f"this service has no bucket (UPLOAD_BUCKET): send the file itself to POST /upload/{found.name}"
            raise Problem("no_bucket", sentence)
        link = self.bucket.link(found.name, req.params)
        account_url = f"{req.root_path}/uploads?{urlencode({'source': link.source})}"
        resp.status = falcon.HTTP_201
        resp.media = {name: value for name, value in link._asdict().items() if name != "source"} | {
            "account_url": account_url
        }
