"""Loadbay as it is measured: gunicorn with one worker, and curl."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any

from ports import free_port

PROJECT = Path(__file__).parent.parent
START_SECONDS = 30
LOOK_SECONDS = 0.05


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
        """Put into the list by how many MB the resident memory of worker and readers grew at its peak in the block."""
        (worker,) = _children(self._process.pid)
        Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak starts anew: proc(5)
        before = _kibibytes(worker, "VmRSS")
        grown: list[float] = []
        ended = Event()
        with ThreadPoolExecutor(1) as pool:
            readers = pool.submit(_peak_of_children, worker, ended)
            try:
                yield grown
            finally:
                ended.set()
            grown.append((_kibibytes(worker, "VmHWM") - before + readers.result()) * 1024 / 1e6)


def _children(process: int) -> list[int]:
    """Return the processes that any thread of a process has started."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _peak_of_children(process: int, ended: Event) -> int:
    """Return the most kibibytes that its children had together, as far as looks now and then can tell."""
    peak = 0
    while not ended.wait(LOOK_SECONDS):
        with suppress(OSError):  # one has just ended
            peak = max(peak, sum(_kibibytes(child, "VmHWM") for child in _children(process)))
    return peak


def _kibibytes(process: int, name: str) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{name}:")), 0)
