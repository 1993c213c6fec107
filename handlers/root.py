"""GET /: the page for a browser, and the list of URLs for anything else."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import falcon
from falcon import Request, Response

from handlers.describe.operation import as_json, describes, operations_of

PAGE = Path(__file__).parent.parent / "page"
"""What a browser is sent: index.html at /, and all that it needs below /page/."""

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {connect}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page runs what comes from here alone, and asks for nothing else but the bucket (Content-Security-Policy)."""


class Root:
    """Lists the URLs of the routes it is given, with what each answers."""

    def __init__(self, routes: Mapping[str, Any], links_origin: str | None, upload_bytes_max: int):
        """links_origin is that of the bucket for files past upload_bytes_max bytes, if there is one."""
        self.routes = routes
        self.links_origin = links_origin
        self.upload_bytes_max = upload_bytes_max

    @describes(
        "the page for a browser, this list for anything else",
        {200: as_json("Urls") | {"text/html": {"type": "string"}}},
        answer_headers=("Vary",),
    )
    def on_get(self, req: Request, resp: Response) -> None:
        resp.append_header("Vary", "Accept")
        if prefers_page(req):
            resp.content_type = falcon.MEDIA_HTML
            connect = f"'self' {self.links_origin}" if self.links_origin else "'self'"
            resp.set_header("Content-Security-Policy", PAGE_POLICY.format(connect=connect))
            resp.text = self._page(req.root_path)
        else:
            resp.media = {
                f"{method} {path}": operation.summary for method, path, _, operation in operations_of(self.routes)
            }

    def _page(self, mount: str) -> str:
        """Return the page for a service that is mounted below a path."""
        page = (PAGE / "index.html").read_text().replace('="/', f'="{escape(mount)}/')
        if not self.links_origin:
            return page
        return page.replace('<form id="send">', f'<form id="send" data-bytes-max="{self.upload_bytes_max}">')


def prefers_page(req: Request) -> bool:
    """Whether a request would rather have the page: a browser says so, and curl takes whatever comes first."""
    return req.client_prefers([falcon.MEDIA_JSON, falcon.MEDIA_HTML]) == falcon.MEDIA_HTML
