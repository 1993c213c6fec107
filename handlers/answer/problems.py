"""Errors as application/problem+json (RFC 9457): ours and Falcon's alike, in one shape."""

from collections.abc import Mapping
from typing import Any

import falcon
from falcon import App, HTTPError, Request, Response

from handlers.answer.codes import CODES, OF_STATUS
from handlers.answer.facts import facts_of, note, note_account, note_error
from handlers.answer.json import dumps_members
from handlers.server.log import error_line
from rows.fault import cut
from rows.load import LoadRefused, LoadStopped
from rows.once.claim import SourceTaken

RETRY_SECONDS = 5
FAILED = "the service failed; its log says how"


class Problem(HTTPError):
    """An error as the service answers it: the code is stable, members stand beside those that every error has.

    The log has the code. It has the sentence too only where is_logged says that it quotes nothing that was sent.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        is_logged: bool = False,
    ):
        status = CODES[code].status
        retry = {"Retry-After": str(RETRY_SECONDS)} if status == falcon.HTTP_503 else {}
        super().__init__(status, description=detail, headers={**retry, **(headers or {})})
        self.stable_code = code
        self.members = members or {}
        self.is_logged = is_logged


def answer_errors(app: App, errors: Mapping[type[Exception], str], advice: Mapping[type[Exception], str]) -> None:
    """Give the app's errors one shape, and our exceptions their codes; their sentences are logged.

    advice says of some exceptions what to do about them.
    """

    def found(error: BaseException | None) -> str | None:
        return next((errors[kind] for kind in errors if isinstance(error, kind)), None)

    def answer(req: Request, resp: Response, error: Exception, params: Any) -> None:
        note_error(req, error)
        code = found(error) or OF_STATUS[500]
        members = {"upload_id": error.upload_id} if isinstance(error, SourceTaken) else {}
        note(req, **members)
        sentence = ". ".join(filter(None, [str(error), advice.get(type(error))]))
        raise Problem(code, sentence, members, is_logged=True)

    def answer_stopped(req: Request, resp: Response, error: LoadStopped, params: Any) -> None:
        note_account(req, error.account)
        note_error(req, error)
        known = found(error.__cause__)
        if known is None:
            _log(req, resp, error)
            raise Problem(OF_STATUS[500], FAILED, error.account.as_dict(req.root_path))
        raise Problem(known, str(error.__cause__), error.account.as_dict(req.root_path), is_logged=True)

    for kind in errors:
        app.add_error_handler(kind, answer)
    app.add_error_handler(LoadRefused, _answer_refused)
    app.add_error_handler(LoadStopped, answer_stopped)
    app.add_error_handler(Exception, _answer_failure)
    app.set_error_serializer(_write)


def problem(status: str, detail: str, code: str | None = None) -> dict[str, Any]:
    """Return the members that every error has; the status is a line such as `404 Not Found`."""
    number, _, title = status.partition(" ")
    return {"title": title, "status": int(number), "code": code or OF_STATUS[int(number)], "detail": detail}


def _answer_refused(req: Request, resp: Response, error: LoadRefused, params: Any) -> None:
    """Answer 422. Its sentence is not logged: it quotes the header or the first refused row."""
    note_account(req, error.account)
    raise Problem(error.code, str(error), error.account.as_dict(req.root_path))


def _answer_failure(req: Request, resp: Response, error: Exception, params: Any) -> None:
    note_error(req, error)
    _log(req, resp, error)
    raise Problem(OF_STATUS[500], FAILED)


def _log(req: Request, resp: Response, error: Exception) -> None:
    """Log what failed, with the id that the answer has. Falcon's own way of it would add the query."""
    facts = {"request_id": resp.get_header("X-Request-ID"), **facts_of(req.env)}
    req.env["wsgi.errors"].write(f"{error_line(error, **facts)}\n")


def _write(req: Request, resp: Response, error: HTTPError) -> None:
    error.__traceback__ = None  # with Falcon's frame in it that holds the error, all that failed would stay a while
    code = getattr(error, "stable_code", None)
    members = problem(falcon.code_to_http_status(error.status), error.description or _detail(req, error), code)
    note(req, code=members["code"])
    if getattr(error, "is_logged", False):
        note(req, reason=members["detail"])
    resp.content_type = "application/problem+json"
    resp.data = dumps_members(members | dict(getattr(error, "members", {})))


def _detail(req: Request, error: HTTPError) -> str:
    """Return a sentence for the errors that Falcon raises without one."""
    if isinstance(error, falcon.HTTPMethodNotAllowed):
        allowed = (error.headers or {})["Allow"]  # type: ignore[index]
        return f"{req.method} is not allowed on {cut(req.path)}, but {allowed}"
    if isinstance(error, falcon.HTTPNotFound):
        return f"nothing is at {cut(req.path)}: GET / lists what there is"
    return FAILED
