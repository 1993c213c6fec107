"""DELETE /uploads/{upload_id}/rejects, and what LEDGER_DAYS deletes by itself: what the ledger keeps of people."""

from collections.abc import Callable, Iterator
from threading import Lock

from falcon import Request, Response

from handlers.answer.facts import facts_of, note
from handlers.answer.places import Places
from handlers.describe.operation import OF_DATABASE, as_json, describes
from handlers.receive.query import read_query
from handlers.server.log import error_line
from handlers.upload import Upload
from handlers.uploads import find_upload
from sql import Database
from sql.ledger.erase import erase, erase_due


class UploadRows:
    """An upload's refused and replaced rows, which one may delete."""

    def __init__(self, database: Database, places: Places):
        self.database = database
        self.places = places

    @describes(
        "deletes its refused and replaced rows for good",
        {200: as_json("Erased")},
        *("unknown_upload", "bad_parameter", "still_goes_on", "no_place", *OF_DATABASE),
    )
    def on_delete(self, req: Request, resp: Response, upload_id: str) -> None:
        read_query(req, {})
        with self.database.connection() as connection:
            number = find_upload(self.database, connection, upload_id)["upload_id"]
        note(req, upload_id=number)
        with self.places.place():
            erased = erase(self.database, number)
        with self.database.connection() as connection:
            erased_at = find_upload(self.database, connection, upload_id)["erased_at"]
        deleted = {"rejects": erased.rejects, "replaced": erased.replaced}
        resp.media = {"upload_id": number, **deleted, "erased_at": erased_at}


class ErasesDue:
    """Deletes what is due whenever an upload has been answered: its client has not to wait for that, nor its place."""

    def __init__(self, database: Database, days: int):
        self.database = database
        self.days = days
        self._lock = Lock()

    def process_response(self, req: Request, resp: Response, resource: object, req_succeeded: bool) -> None:
        if isinstance(resource, Upload) and resp.data is not None:
            body, resp.data = resp.data, None
            resp.content_length = len(body)
            resp.stream = Answered(body, lambda: self._erase(req))

    def _erase(self, req: Request) -> None:
        """Delete some of it, in one thread of a worker at a time. What goes wrong waits for the next upload."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            erase_due(self.database, self.days)
        except Exception as error:
            req.env["wsgi.errors"].write(f"{error_line(error, **facts_of(req.env))}\n")
        finally:
            self._lock.release()


class Answered:
    """The body of an answer, and what is to be done once the server has sent it (PEP 3333)."""

    def __init__(self, body: bytes, then: Callable[[], None]):
        self._body = body
        self.close = then

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
