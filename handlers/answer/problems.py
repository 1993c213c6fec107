"""Errors as application/problem+json (RFC 9457): ours and Falcon's alike, in one shape."""

from collections.abc import Mapping
from typing import Any

import falcon
from falcon import App, HTTPError, Request, Response

from handlers.answer.json import stream
from handlers.server.log import places_of
from rows.load import LoadRefused, LoadStopped

RETRY_SECONDS = 5
FAILED = "the service failed; its log says how"


class Problem(HTTPError):
    """An error whose answer has more members than title, status and detail."""

    def __init__(self, status: str, detail: str, members: Mapping[str, Any] | None = None):
        headers = {"Retry-After": str(RETRY_SECONDS)} if status == falcon.HTTP_503 else None
        super().__init__(status, description=detail, headers=headers)
        self.members = members or {}


def answer_errors(app: App, statuses: Mapping[type[Exception], str]) -> None:
    """Give the app's errors one shape, and our exceptions their statuses."""

    def status_of(error: BaseException | None) -> str | None:
        return next((statuses[kind] for kind in statuses if isinstance(error, kind)), None)

    def answer(req: Request, resp: Response, error: Exception, params: Any) -> None:
        raise Problem(status_of(error) or falcon.HTTP_500, str(error))

    def answer_stopped(req: Request, resp: Response, error: LoadStopped, params: Any) -> None:
        status = status_of(error.__cause__)
        if status is None:
            _log(req, resp, error)
        detail = str(error.__cause__) if status else FAILED
        raise Problem(status or falcon.HTTP_500, detail, error.account.as_dict())

    for kind in statuses:
        app.add_error_handler(kind, answer)
    app.add_error_handler(LoadRefused, _answer_refused)
    app.add_error_handler(LoadStopped, answer_stopped)
    app.add_error_handler(Exception, _answer_failure)
    app.set_error_serializer(_write)


def problem(status: str, detail: str) -> dict[str, Any]:
    """Return the members that every error has; the status is a line such as `404 Not Found`."""
    code, _, title = status.partition(" ")
    return {"title": title, "status": int(code), "detail": detail}


def _answer_refused(req: Request, resp: Response, error: LoadRefused, params: Any) -> None:
    raise Problem(falcon.HTTP_422, str(error), error.account.as_dict())


def _answer_failure(req: Request, resp: Response, error: Exception, params: Any) -> None:
    _log(req, resp, error)
    raise Problem(falcon.HTTP_500, FAILED)


def _log(req: Request, resp: Response, error: Exception) -> None:
    """Log what failed, with the id that the answer has. Falcon's own way of it would add the query."""
    req.env["wsgi.errors"].write(f"request_id {resp.get_header('X-Request-ID')}\n{places_of(error)}\n")


def _write(req: Request, resp: Response, error: HTTPError) -> None:
    members = problem(falcon.code_to_http_status(error.status), error.description or _detail(req, error))
    resp.content_type = "application/problem+json"
    resp.stream = stream(members | dict(getattr(error, "members", {})))


def _detail(req: Request, error: HTTPError) -> str:
    """Return a sentence for the errors that Falcon raises without one."""
    if isinstance(error, falcon.HTTPMethodNotAllowed):
        allowed = (error.headers or {})["Allow"]  # type: ignore[index]
        return f"{req.method} is not allowed on {req.path}, but {allowed}"
    if isinstance(error, falcon.HTTPNotFound):
        return f"nothing is at {req.path}: GET / lists what there is"
    return FAILED
