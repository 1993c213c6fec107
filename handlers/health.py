"""GET /health: whether the database answers."""

from falcon import Request, Response

from sql import Database


class Health:
    def __init__(self, database: Database):
        self.database = database

    def on_get(self, req: Request, resp: Response) -> None:
        self.database.check()
        resp.media = {"status": "ok"}

    on_head = on_get
