"""Loadbay as it is measured: gunicorn with one worker, and curl."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from servers import free_port

PROJECT = Path(__file__).parent.parent
START_SECONDS = 30


class Loadbay:
    """A service with one worker."""

    def __init__(self, database_url: str):
        self.port = free_port()
        self._environ = {
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
            "MAX_REJECTS": "1000000",
        }

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "--log-level", "warning", "--access-logfile", "/dev/null"]
        self._process = subprocess.Popen(command, cwd=PROJECT, env=self._environ)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return self.get("/health")
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path)

    def _ask(self, method: str, path: str) -> Any:
        connection = self.connect()
        connection.request(method, path)
        answer = json.load(connection.getresponse())
        connection.close()
        return answer

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)

    def upload(self, table: str, file: Path) -> tuple[float, dict[str, Any]]:
        """Return the seconds that curl took to send a file, and the answer."""
        url = f"http://127.0.0.1:{self.port}/upload/{table}"
        start = time.perf_counter()
        sent = subprocess.run(["curl", "-sSF", f"file=@{file}", url], capture_output=True, check=True)
        seconds = time.perf_counter() - start
        return seconds, json.loads(sent.stdout)

    @contextmanager
    def growth(self) -> Iterator[list[float]]:
        """Put into the list by how many MB the worker's resident memory grew at its peak in the block."""
        worker = int(Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()[0])
        Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak starts anew: proc(5)
        before = _kibibytes(worker, "VmRSS")
        grown: list[float] = []
        yield grown
        grown.append((_kibibytes(worker, "VmHWM") - before) * 1024 / 1e6)


def _kibibytes(process: int, name: str) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{name}:"))
