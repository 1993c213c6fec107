"""GET /openapi.json: the description of the service, of the tables and reports of its database included."""

from collections.abc import Mapping
from typing import Any

from falcon import Request, Response

from handlers.describe.document import Access, document
from handlers.describe.operation import OF_DATABASE, as_json, describes
from handlers.receive.query import read_query
from sql import Database


class OpenAPI:
    def __init__(self, routes: Mapping[str, Any], access: Access, database: Database, reports: Database, version: str):
        """reports is the database that those are read from."""
        self.routes = routes
        self.access = access
        self.database = database
        self.reports = reports
        self.version = version

    @describes("this description of the service", {200: as_json("OpenAPI")}, "bad_parameter", *OF_DATABASE)
    def on_get(self, req: Request, resp: Response) -> None:
        read_query(req, {})
        tables, reports = self.database.tables, self.reports.reports.values()
        resp.media = document(self.routes, self.access, tables, reports, self.version, req.root_path)
