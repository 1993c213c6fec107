"""Headers that every answer has, whatever it says."""

import re
from uuid import uuid4

from falcon import Request, Response

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What is taken over from a client or a proxy that has numbered the request."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Browsers are not to guess at types, nor to run or frame anything, nor caches to keep what is about people (RFC 9111,
5.2.2.5), unless an answer itself says otherwise.
"""


class Headers:
    """Names each request, and gives each answer what ALWAYS has."""

    def process_request(self, req: Request, resp: Response) -> None:
        sent = req.get_header("X-Request-ID", default="")
        resp.set_header("X-Request-ID", sent if REQUEST_ID.fullmatch(sent) else uuid4().hex)

    def process_response(self, req: Request, resp: Response, resource: object, req_succeeded: bool) -> None:
        for name, value in ALWAYS.items():
            if not resp.get_header(name):
                resp.set_header(name, value)
