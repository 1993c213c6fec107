"""Who may come in: the bearer of the token, or without a token only this machine and no other site's page."""

import hmac
import ipaddress
from urllib.parse import urlsplit

import falcon
from falcon import Request, Response

OPEN = {"/health"}
"""What is answered without a token."""


class TokenAccess:
    """Asks every request for `Authorization: Bearer` with the token (RFC 6750)."""

    def __init__(self, token: str):
        self.token = token.encode()

    def process_request(self, req: Request, resp: Response) -> None:
        scheme, _, sent = (req.auth or "").partition(" ")
        known = hmac.compare_digest(sent.strip().encode(), self.token)
        if req.path not in OPEN and not (scheme.lower() == "bearer" and known):
            raise falcon.HTTPUnauthorized(
                description="expected the header Authorization: Bearer with the service's API_TOKEN",
                challenges=["Bearer"],
            )


class LoopbackAccess:
    """Without a token: keeps out names that lead here from elsewhere (DNS rebinding), and other sites' forms."""

    def process_request(self, req: Request, resp: Response) -> None:
        host = req.get_header("Host", default="localhost")
        if not is_loopback(_name(f"//{host}")):
            raise falcon.HTTPForbidden(description=f"the Host {host} is not localhost: set API_TOKEN to serve others")
        if req.method not in ("GET", "HEAD", "OPTIONS") and _is_from_another_site(req):
            raise falcon.HTTPForbidden(description="a page of another site may not upload here")


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


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
