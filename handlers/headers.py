"""Headers that every answer has, whatever it says."""

import re
from uuid import uuid4

from falcon import Request, Response

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What is taken over from a client or a proxy that has numbered the request."""


class Headers:
    """Names each request, and keeps browsers from guessing at types and caches from keeping what is about people."""

    def process_request(self, req: Request, resp: Response) -> None:
        sent = req.get_header("X-Request-ID", default="")
        resp.set_header("X-Request-ID", sent if REQUEST_ID.fullmatch(sent) else uuid4().hex)

    def process_response(self, req: Request, resp: Response, resource: object, req_succeeded: bool) -> None:
        resp.set_header("X-Content-Type-Options", "nosniff")
        if not resp.get_header("Cache-Control"):
            resp.set_header("Cache-Control", "no-store")  # RFC 9111, 5.2.2.5
