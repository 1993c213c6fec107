"""The log: a line of JSON a request, with nothing of what was sent but where to and for whom; the places of errors."""

import json
import sys
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from gunicorn.glogging import Logger


class RequestLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's logger, whose access log has the request's id, which the answer has too, and never its query."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        headers = {name.lower(): value for name, value in resp.headers}
        self._write(
            request_id=headers.get("x-request-id"),
            client=environ.get("REMOTE_ADDR"),
            forwarded_for=environ.get("HTTP_X_FORWARDED_FOR"),
            method=environ.get("REQUEST_METHOD"),
            path=quote(environ.get("PATH_INFO", "").encode("latin-1")),
            status=resp.status_code,
            content_length=environ.get("CONTENT_LENGTH"),
            sent_bytes=resp.sent,
            seconds=round(request_time.total_seconds(), 4),
        )

    def refused(self, address: tuple[str, int] | str, status: str, request_id: str, detail: str) -> None:
        """Write the line of what was no request that the service could see."""
        client = address[0] if isinstance(address, tuple) else None
        self._write(request_id=request_id, client=client, status=int(status.split()[0]), detail=detail)

    def exception(self, msg: str, *args: Any, **named: Any) -> None:
        """Log an error that is being handled, without its words."""
        error = sys.exception()
        self.error(f"{msg}\n%s", *args, places_of(error) if error else "")

    def _write(self, **line: Any) -> None:
        if self.access_log_enabled:
            time = {"time": datetime.now(UTC).isoformat(timespec="milliseconds")}
            self.access_log.info("%s", json.dumps(time | line))


def places_of(error: BaseException) -> str:
    """Return the types of an error and of its causes with their stacks, and no words: a driver's quote the row."""
    causes = []
    cause: BaseException | None = error
    while cause and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    stacks = [
        "".join(traceback.format_tb(cause.__traceback__)) + f"{type(cause).__module__}.{type(cause).__qualname__}"
        for cause in reversed(causes)
    ]
    return "\nwhich led to\n".join(stacks)
