"""A service in a gunicorn of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

from ports import free_port
from waits import PATIENCE, until

from settings import read_settings

GUNICORN = str(Path(sys.executable).with_name("gunicorn"))
"""The program that `make run` starts."""

INHERITED = {name: value for name, value in os.environ.items() if name == "PYTHONPATH"}
"""What a service has of the tests' own environment: `make newest` puts another gunicorn there."""

LOG_BYTES_MAX = 2**26

WORKERS = read_settings({}).workers
"""So many processes serve, unless the environment has another number."""

OF_EVERY_REQUEST = {
    *("time", "request_id", "client", "forwarded_for", "method", "path", "status", "content_length", "sent_bytes"),
    *("seconds", "client_wait_seconds", "database_wait_seconds"),
}
"""What the log has of a request whatever is answered, and how long that took."""


class Served:
    """A service in a gunicorn of its own, on a free port."""

    def __init__(
        self,
        folder: Path,
        environ: dict[str, str],
        *arguments: str,
        launcher: Sequence[str] = (),
        handed: Sequence[int] = (),
    ):
        """launcher is a command that begins gunicorn, handed the descriptors that this process hands over."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.printed = ""
        self._expected = int(environ.get("WEB_CONCURRENCY", WORKERS))
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - stop closes it
        self.process = subprocess.Popen(
            [*launcher, GUNICORN, *arguments],
            pass_fds=handed,
            cwd=folder,
            env={"PORT": str(self.port), "PYTHONWARNINGS": "error::ResourceWarning", **INHERITED, **environ},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> "Served":
        """Return once the service and its database answer, and all workers take signals: one told to stop sooner does not."""
        return self._wait(lambda: self.status("/health") == 200 and self.has_all_workers())

    def has_all_workers(self) -> bool:
        workers = self.workers
        return len(workers) >= self._expected and all(map(catches_signals, workers))

    def listen(self) -> "Served":
        """Return once the service answers, if only that its database does not."""
        return self._wait(lambda: self.status("/health") != 0)

    def _wait(self, answers: Callable[[], bool]) -> "Served":
        until(lambda: self.process.poll() is not None or answers())
        if self.process.poll() is not None:
            raise AssertionError(f"the service did not start: {self.stop()}")
        return self

    def read(self, path: str, timeout: float = PATIENCE, **headers: str) -> bytes:
        """Return what is at a path."""
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.read()

    def get(self, path: str, timeout: float = PATIENCE) -> Any:
        """Return the JSON at a path."""
        return json.loads(self.read(path, timeout))

    def status(self, path: str, timeout: float = PATIENCE) -> int:
        """Return the status of the answer at a path, 0 where nothing listens or the connection breaks off."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=timeout) as answer:
                answer.read()
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except (OSError, HTTPException):
            return 0

    def upload(self, table: str, body: bytes, timeout: float = PATIENCE, **headers: str) -> tuple[int, dict[str, Any]]:
        """Send a file, and return the status and the answer."""
        return self._ask(f"/upload/{table}", timeout, data=body, headers={"Content-Type": "text/csv", **headers})

    def delete(self, path: str, timeout: float = PATIENCE) -> tuple[int, dict[str, Any]]:
        """Delete what is at a path, and return the status and the answer."""
        return self._ask(path, timeout, method="DELETE")

    def _ask(self, path: str, timeout: float, **named: Any) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(self.url + path, **named)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    @property
    def workers(self) -> list[int]:
        """The ids of the worker processes."""
        master = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def kill(self) -> None:
        """End the service at once, all its processes: SIGKILL."""
        workers = self.workers
        self.process.kill()
        for worker in workers:
            with suppress(ProcessLookupError):  # it has seen that its master is gone
                os.kill(worker, signal.SIGKILL)
        self.process.wait()

    def read_log(self) -> str:
        """Return what the service has printed so far."""
        return os.pread(self._log.fileno(), LOG_BYTES_MAX, 0).decode()

    def logged(self) -> list[dict[str, Any]]:
        """End the service and return the lines of its log."""
        return [json.loads(line) for line in self.stop().splitlines() if line.startswith("{")]

    def facts(self, path: str) -> dict[str, Any]:
        """End the service and return what its log says of the last request for a path, beside the request itself."""
        line = [line for line in self.logged() if line.get("path") == path][-1]
        return {name: value for name, value in line.items() if name not in OF_EVERY_REQUEST}

    def stop(self) -> str:
        """End the service and return what it printed."""
        if not self._log.closed:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.printed = self.read_log()
            self._log.close()
        return self.printed


def catches_signals(process: int, last: signal.Signals = signal.SIGABRT) -> bool:
    """Whether a process has got so far as to catch signals; last is the one that it sets last, as a worker SIGABRT."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
    caught = status.partition("SigCgt:")[2].split()[0]
    return bool(int(caught, 16) >> (last - 1) & 1)


RECEIVED = b"".join(b"%d,%s\n" % (i, b"x" * 990) for i in range(1, 32_001))
"""So many rows that they are sent only when the service receives them: the buffers between have no room for them."""
