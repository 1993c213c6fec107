"""GET /health: whether the database answers, and how far that of the reports lags behind it; /health/live."""

from falcon import Request, Response

from handlers.describe.operation import OF_DATABASE, as_json, describes
from sql import Database, Replica


class Health:
    def __init__(self, database: Database, replica: Replica | None, version: str):
        self.database = database
        self.replica = replica
        self.version = version

    @describes("whether the database answers, and the release", {200: as_json("Health")}, *OF_DATABASE)
    def on_get(self, req: Request, resp: Response) -> None:
        self.database.check()
        resp.media = {"status": "ok", "version": self.version}
        if self.replica:
            resp.media["reports_lag_seconds"] = self.replica.lag_seconds(self.database)

    on_head = on_get


class Live:
    """GET /health/live: that the process answers. To start it anew would bring back no database."""

    @describes("that the service answers, whatever its database does", {200: as_json("Live")})
    def on_get(self, req: Request, resp: Response) -> None:
        resp.media = {"status": "ok"}

    on_head = on_get
