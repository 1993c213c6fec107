"""The log: a line of JSON a request, and one for whatever else is said, with nothing of what was sent but where to."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime, timedelta
from logging.handlers import SysLogHandler
from typing import Any
from urllib.parse import quote

from gunicorn.config import Config
from gunicorn.glogging import Logger

from handlers.answer.facts import count, facts_of
from sql.errors import code_of


class RequestLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's logger, whose access log has the request's id, which the answer has too, and never its query."""

    def setup(self, cfg: Config) -> None:
        """Let gunicorn's own lines, and what sql says at the start, be JSON too, unless settings give a format."""
        super().setup(cfg)
        if not (cfg.logconfig or cfg.logconfig_dict or cfg.logconfig_json):
            for handler in self.error_log.handlers:
                if not isinstance(handler, SysLogHandler):
                    handler.setFormatter(JsonLine())
            logging.getLogger("sql").handlers = self.error_log.handlers

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of a request that is answered, and count it."""
        waited = _waited_for(environ.get("gunicorn.socket"))
        count(environ, resp.status_code, request_time.total_seconds(), waited.get("client_wait_seconds", 0.0))
        headers = {name.lower(): value for name, value in resp.headers}
        self._write(
            request_id=headers.get("x-request-id"),
            client=environ.get("REMOTE_ADDR") or None,  # none has who comes by a Unix socket
            forwarded_for=environ.get("HTTP_X_FORWARDED_FOR"),
            method=environ.get("REQUEST_METHOD"),
            path=quote(environ.get("PATH_INFO", "").encode("latin-1")),
            status=resp.status_code,
            content_length=environ.get("CONTENT_LENGTH"),
            sent_bytes=resp.sent,
            seconds=round(request_time.total_seconds(), 4),
            **waited,
            **facts_of(environ),
            **_ended_by(sys.exception(), headers.get("x-request-id")),
        )

    def refused(self, address: tuple[str, int] | str, request_id: str, problem: dict[str, Any]) -> None:
        """Write the line of what was no request that the service could see."""
        client = address[0] if isinstance(address, tuple) else None
        facts = {"status": problem["status"], "code": problem["code"], "reason": problem["detail"]}
        self._write(request_id=request_id, client=client, **facts)

    def exception(self, msg: str, *args: Any, **named: Any) -> None:
        """Log an error that is being handled, without its words."""
        error = sys.exception()
        facts = {"request_id": getattr(error, "request_id", None), "errors": errors_of(error) if error else []}
        self.error(msg, *args, extra={"facts": facts})

    def _write(self, **line: Any) -> None:
        if self.access_log_enabled:
            self.access_log.info("%s", as_line(**line))


class JsonLine(logging.Formatter):
    """What gunicorn says, as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"level": record.levelname.lower(), "process": record.process}
        line["message"] = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            line["errors"] = errors_of(record.exc_info[1])
        return as_line(**line, **getattr(record, "facts", {}))


def error_line(error: BaseException, **facts: Any) -> str:
    """Return the line of an error that a request met."""
    return as_line(level="error", **facts, errors=errors_of(error))


def errors_of(error: BaseException) -> list[dict[str, Any]]:
    """Return the types of an error and of its causes, which come first, and their places.

    They come without their words: those of a driver quote the row.
    """
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    return [{"type": _type_of(cause), "places": _places_of(cause)} for cause in reversed(causes)]


def _places_of(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _type_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _waited_for(client: Any) -> dict[str, float]:
    """Return how long an answer waited for its client to take it, if it did."""
    seconds = round(getattr(client, "waited_seconds", 0.0), 4)
    return {"client_wait_seconds": seconds} if seconds else {}


def _ended_by(error: BaseException | None, request_id: str | None) -> dict[str, str]:
    """Return what ended an answer early, if anything did: its status was sent before. The error keeps the id."""
    if error is None:
        return {}
    error.request_id = request_id  # type: ignore[attr-defined]
    code = code_of(error)
    return {"ended_by": _type_of(error), **({"database_error": code} if code else {})}


def as_line(**line: Any) -> str:
    """Return a line of the log, with the time."""
    return json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **line})
