"""GET /: the page for a browser, and the list of URLs for anything else."""

from html import escape
from pathlib import Path

import falcon
from falcon import Request, Response

PAGE = Path(__file__).parent.parent / "page"
"""What a browser is sent: index.html at /, and all that it needs below /page/."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {connect}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page runs what comes from here alone, and asks for nothing else but upload links (Content-Security-Policy)."""


class Root:
    """Lists the URLs it is given, with what each answers."""

    def __init__(self, urls: dict[str, str], links_origin: str | None = None):
        """links_origin is what the URLs of upload links begin with, if there are any."""
        self.urls = urls
        self.policy = PAGE_POLICY.format(connect=" ".join(filter(None, ["'self'", links_origin])))

    def on_get(self, req: Request, resp: Response) -> None:
        resp.append_header("Vary", "Accept")
        if prefers_page(req):
            resp.content_type = falcon.MEDIA_HTML
            resp.set_header("Content-Security-Policy", self.policy)
            resp.text = (PAGE / "index.html").read_text().replace('"/page/', f'"{escape(req.root_path)}/page/')
        else:
            resp.media = self.urls


def prefers_page(req: Request) -> bool:
    """Whether a request would rather have the page: a browser says so, and curl takes whatever comes first."""
    return req.client_prefers([falcon.MEDIA_JSON, falcon.MEDIA_HTML]) == falcon.MEDIA_HTML
