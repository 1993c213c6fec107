"""The log of requests: one line of JSON each, with nothing of what was sent but where to."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from gunicorn.glogging import Logger


class RequestLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's logger, whose access log has the request's id, which the answer has too, and never its query."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        if not self.access_log_enabled:
            return
        headers = {name.lower(): value for name, value in resp.headers}
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "request_id": headers.get("x-request-id"),
            "client": environ.get("REMOTE_ADDR"),
            "method": environ.get("REQUEST_METHOD"),
            "path": environ.get("RAW_URI", "").partition("?")[0],
            "status": resp.status_code,
            "content_length": environ.get("CONTENT_LENGTH"),
            "sent_bytes": resp.sent,
            "seconds": round(request_time.total_seconds(), 4),
        }
        self.access_log.info("%s", json.dumps(line))
