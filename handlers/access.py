"""Who may come in: the bearer of the token, or without a token only this machine and no other site's page."""

import hmac
import ipaddress
from urllib.parse import urlsplit

import falcon
from falcon import Request, Response

from handlers.answer.problems import Problem
from handlers.root import prefers_page

OPEN = {"/health", "/health/live"}
"""What is answered without a token, beside the page and its files."""

READING = ("GET", "HEAD", "OPTIONS")
"""The methods that change nothing (RFC 9110, 9.2.1)."""


class TokenAccess:
    """Asks every request for `Authorization: Bearer` with a token (RFC 6750); the one for reading uploads nothing."""

    def __init__(self, token: str, read_token: str | None = None):
        self.token = token.encode()
        self.read_token = read_token.encode() if read_token else None

    def process_request(self, req: Request, resp: Response) -> None:
        scheme, _, sent = (req.auth or "").partition(" ")
        may_write = hmac.compare_digest(sent.strip().encode(), self.token)
        may_read = self.read_token is not None and hmac.compare_digest(sent.strip().encode(), self.read_token)
        if req.path in OPEN or _is_for_the_page(req):
            return
        if scheme.lower() != "bearer" or not (may_write or may_read):
            raise Problem(
                falcon.HTTP_401,
                "no_token",
                "expected the header Authorization: Bearer with the service's API_TOKEN",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if not may_write and req.method not in READING and not _only_looks(req):
            raise Problem(
                falcon.HTTP_403, "read_only_token", "this token may only read: an upload needs the service's API_TOKEN"
            )


class LoopbackAccess:
    """Without a token: keeps out names that lead here from elsewhere (DNS rebinding), and other sites' forms."""

    def process_request(self, req: Request, resp: Response) -> None:
        host = req.get_header("Host", default="localhost")
        if not is_loopback(_name(f"//{host}")):
            raise Problem(
                falcon.HTTP_403, "foreign_host", f"the Host {host} is not localhost: set API_TOKEN to serve others"
            )
        if req.method not in READING and _is_from_another_site(req):
            raise Problem(falcon.HTTP_403, "foreign_page", "a page of another site may not upload here")


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_for_the_page(req: Request) -> bool:
    """Whether a request is for the page, which asks for the token itself, or for one of its files."""
    return req.method in READING and (req.path.startswith("/page/") or (req.path == "/" and prefers_page(req)))


def _only_looks(req: Request) -> bool:
    """Whether a request stores nothing, although it is no GET."""
    return req.path == "/preview" or req.path.startswith("/preview/")


def _is_from_another_site(req: Request) -> bool:
    """Whether a browser says so: Sec-Fetch-Site in new ones, Origin in all."""
    origin = req.get_header("Origin")
    return req.get_header("Sec-Fetch-Site", default="none") not in ("same-origin", "none") or (
        origin is not None and origin.partition("//")[2] != req.get_header("Host")
    )


def _name(url: str) -> str:
    """Return the host's name in a URL, or nothing where it is malformed."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
