"""GET /: the list of URLs."""

from falcon import Request, Response


class Root:
    """Lists the URLs it is given, with what each answers."""

    def __init__(self, urls: dict[str, str]):
        self.urls = urls

    def on_get(self, req: Request, resp: Response) -> None:
        resp.media = self.urls
