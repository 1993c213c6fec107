"""What may stand between a client and a service: a proxy that answers for it, loses its answers, or cuts a transfer."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import NamedTuple

from waits import PATIENCE


class Deed(NamedTuple):
    """What is done once to a request that begins with this line: `POST /upload`.

    An answer of the proxy's own, where it has a status; else the connection is cut. Either is done after so many bytes of
    the body, or once all of it has come, and the service has answered that.
    """

    request: str
    status: int = 0
    headers: Mapping[str, str] = MappingProxyType({})
    content: bytes = b"<html><h1>Bad Gateway</h1></html>"
    cut_after: int | None = None


class Between(ThreadingHTTPServer):
    """A proxy on loopback, below a path; deeds are done in order, each to the first request that it is meant for."""

    daemon_threads = True

    def __init__(self, port: int, *deeds: Deed, mount: str = ""):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target, self.mount, self.deeds = port, mount, [*deeds]
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}{mount}"

    def deed(self, line: str) -> Deed | None:
        """Return what is to be done to a request, if anything is."""
        self.asked.append(line)
        if self.deeds and line.startswith(self.deeds[0].request):
            return self.deeds.pop(0)
        return None


class Handler(BaseHTTPRequestHandler):
    server: Between
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.removeprefix(self.server.mount)
        deed = self.server.deed(f"{self.command} {path}")
        length = int(self.headers.get("Content-Length", 0))
        self.close_connection = True
        body = self.rfile.read(length if not deed or deed.cut_after is None else deed.cut_after)
        if deed and deed.cut_after is not None and not deed.status:
            return
        if deed and deed.status:
            self._answer(deed.status, {"Content-Type": "text/html", **deed.headers}, deed.content)
            return
        with closing(HTTPConnection("127.0.0.1", self.server.target, timeout=PATIENCE)) as service:
            service.request(self.command, path, body, dict(self.headers))
            if len(body) < length:  # the client has broken off
                return
            answer = service.getresponse()
            content = answer.read()
            if not deed:
                self._answer(answer.status, {"Content-Type": answer.getheader("Content-Type", "")}, content)

    do_POST = do_GET  # noqa: N815 - so it is called

    def _answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def between(
    port: int, *deeds: Deed, mount: str = "", wrap: Callable[[Between], None] | None = None
) -> Iterator[Between]:
    """Give the block a proxy before the service on a port."""
    with Between(port, *deeds, mount=mount) as proxy:
        if wrap:
            wrap(proxy)
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
