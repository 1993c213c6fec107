"""Lambda, as far as its runtime API goes, around the real client of it: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from waits import PATIENCE

PROJECT = Path(__file__).parent.parent.parent

RESPONSE_BYTES_MAX = 6 * 1024 * 1024 + 100
"""Lambda takes no larger answer."""

VERSION = "/2018-06-01/runtime"


class Died(Exception):
    """The function's process ended in the middle of an event."""


class Function:
    """A function in a process of its own, which takes one event after the other."""

    def __init__(self, handler: str, environ: dict[str, str]):
        """handler is a module and a name, as in aws.load.handler."""
        self.deadline = inf
        """When its time for the event that it took last is over, in seconds since 1970."""
        self._events: Queue[tuple[str, bytes, float]] = Queue()
        self._answers: Queue[Any] = Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._answering())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - stop closes it
        self.process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", handler],
            cwd=PROJECT,
            env={
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
                "AWS_LAMBDA_FUNCTION_NAME": "loadbay",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
                "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/loadbay",
                "AWS_LAMBDA_LOG_STREAM_NAME": "1",
                "PATH": os.environ["PATH"],
                "PYTHONDONTWRITEBYTECODE": "1",
                **environ,
            },
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def send(self, event: dict[str, Any], seconds: float = 900) -> None:
        """Give it an event, for which it has so many seconds from when it takes it."""
        self.deadline = inf
        self._events.put((f"request-{time.monotonic_ns()}", json.dumps(event).encode(), seconds))

    def answer(self) -> Any:
        """Return its next answer. Raises Died, and AssertionError where it answers with an error."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                kind, body = self._answers.get(timeout=0.05)
            except Empty:
                if self.process.poll() is not None and self._answers.empty():
                    raise Died(self.printed()) from None
                continue
            assert kind == "response", (kind, body, self.printed())
            return json.loads(body)
        raise AssertionError(f"no answer: {self.printed()}")

    def invoke(self, event: dict[str, Any], seconds: float = 900) -> Any:
        """Return the answer to an event."""
        self.send(event, seconds)
        return self.answer()

    def printed(self) -> str:
        """Return what it has printed so far."""
        return os.pread(self._log.fileno(), 2**26, 0).decode()

    def logged(self) -> list[dict[str, Any]]:
        """Return the lines of its log so far."""
        return [json.loads(line) for line in self.printed().splitlines() if line.startswith("{")]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.kill()
        self._server.shutdown()
        self._server.server_close()
        self._log.close()

    def _answering(function) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - there are two of self
        class Api(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                number, event, seconds = function._events.get()
                function.deadline = time.time() + seconds
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", number)
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int(function.deadline * 1000)))
                self.send_header(
                    "Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:f"
                )
                self.send_header("Content-Type", "application/json")
                self.send_header(
                    "Lambda-Runtime-Trace-Id",
                    "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
                )
                self.send_header("Content-Length", str(len(event)))
                self.end_headers()
                self.wfile.write(event)

            def do_POST(self) -> None:
                body = self._body()
                kind = self.path.rpartition("/")[2]
                is_large = kind == "response" and len(body) > RESPONSE_BYTES_MAX
                function._answers.put(("too large", b"") if is_large else (kind, body))
                self.send_response(413 if is_large else 202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def _body(self) -> bytes:
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers["Content-Length"]))
                pieces = []
                while size := int(self.rfile.readline(), 16):
                    pieces.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(pieces)

            def log_message(self, *arguments: Any) -> None:
                pass

        return Api
