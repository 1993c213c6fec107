"""Who may come in: the bearer of the token, or without a token only this machine and no other site's page."""

import hmac
import ipaddress

from falcon import Request, Response

from handlers.answer.problems import Problem
from handlers.receive.host import Host, is_same_host, read_host
from handlers.root import prefers_page
from rows.fault import cut

OPEN = {"/health", "/health/live"}
"""What is answered without a token, beside the page and its files."""

READING = ("GET", "HEAD", "OPTIONS")
"""The methods that change nothing (RFC 9110, 9.2.1)."""


class TokenAccess:
    """Asks every request for `Authorization: Bearer` with a token (RFC 6750); the one for reading uploads nothing."""

    has_token = True

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
                "no_token",
                "expected the header Authorization: Bearer with the service's API_TOKEN",
                headers={"WWW-Authenticate": "Bearer"},
                is_logged=True,
            )
        if not may_write and not _only_reads(req.method, req.path):
            raise Problem(
                "read_only_token",
                "this token may only read: to upload or to delete needs the service's API_TOKEN",
                is_logged=True,
            )

    def errors(self, method: str, path: str) -> tuple[str, ...]:
        """Return the codes with which a request is kept out."""
        if path in OPEN:
            return ()
        return ("no_token",) if _only_reads(method, path) else ("no_token", "read_only_token")


class LoopbackAccess:
    """Without a token: keeps out names that lead here from elsewhere (DNS rebinding), and other sites' forms."""

    has_token = False

    def errors(self, method: str, path: str) -> tuple[str, ...]:
        """Return the codes with which a request is kept out."""
        return ("foreign_host",) if method in READING else ("foreign_host", "foreign_page")

    def process_request(self, req: Request, resp: Response) -> None:
        host = _host_of(req)
        if not is_loopback(host.name):
            raise _foreign(f"the Host {cut(req.get_header('Host', default=''))} is not localhost")
        if req.method not in READING and _is_from_another_site(req, host):
            raise Problem("foreign_page", "a page of another site may not upload or delete here", is_logged=True)


def is_loopback(host: str) -> bool:
    """Whether a host's name or address means this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _host_of(req: Request) -> Host:
    """Return the host that a request is for (RFC 9112, 3.2): 400 where it is malformed, or absent since HTTP/1.1."""
    sent = req.get_header("Host")
    if sent is None and req.env["SERVER_PROTOCOL"] == "HTTP/1.0":
        raise _foreign("the request has no Host")
    host = None if sent is None else read_host(sent)
    if host is None:
        raise Problem(
            "malformed_request",
            "the Host is absent or malformed: expected a name or an address, and no more behind it than a port",
            is_logged=True,
        )
    return host


def _foreign(sentence: str) -> Problem:
    return Problem("foreign_host", f"{sentence}: set API_TOKEN to serve others")


def _is_for_the_page(req: Request) -> bool:
    """Whether a request is for the page, which asks for the token itself, or for one of its files."""
    return req.method in READING and (req.path.startswith("/page/") or (req.path == "/" and prefers_page(req)))


def _only_reads(method: str, path: str) -> bool:
    """Whether a request stores nothing: so does a preview, although it is no GET."""
    return method in READING or path == "/preview" or path.startswith("/preview/")


def _is_from_another_site(req: Request, host: Host) -> bool:
    """Whether a browser says so: Sec-Fetch-Site in new ones, Origin in all."""
    origin = req.get_header("Origin")
    return req.get_header("Sec-Fetch-Site", default="none") not in ("same-origin", "none") or (
        origin is not None and not is_same_host(origin, host)
    )
