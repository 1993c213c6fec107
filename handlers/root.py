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
"""The page runs what comes from here alone, and asks for nothing else but the bucket (Content-Security-Policy)."""


class Root:
    """Lists the URLs it is given, with what each answers."""

    def __init__(self, urls: dict[str, str], links_origin: str | None, upload_bytes_max: int):
        """links_origin is that of the bucket for files past upload_bytes_max bytes, if there is one."""
        self.urls = urls
        self.links_origin = links_origin
        self.upload_bytes_max = upload_bytes_max

    def on_get(self, req: Request, resp: Response) -> None:
        resp.append_header("Vary", "Accept")
        if prefers_page(req):
            resp.content_type = falcon.MEDIA_HTML
            connect = f"'self' {self.links_origin}" if self.links_origin else "'self'"
            resp.set_header("Content-Security-Policy", PAGE_POLICY.format(connect=connect))
            resp.text = self._page(req.root_path)
        else:
            resp.media = self.urls

    def _page(self, mount: str) -> str:
        """Return the page for a service that is mounted below a path."""
        page = (PAGE / "index.html").read_text().replace('"/page/', f'"{escape(mount)}/page/')
        if not self.links_origin:
            return page
        return page.replace('<form id="send">', f'<form id="send" data-bytes-max="{self.upload_bytes_max}">')


def prefers_page(req: Request) -> bool:
    """Whether a request would rather have the page: a browser says so, and curl takes whatever comes first."""
    return req.client_prefers([falcon.MEDIA_JSON, falcon.MEDIA_HTML]) == falcon.MEDIA_HTML
