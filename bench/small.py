"""Small requests: uploads of 1000 rows by one client and by many, and a report meanwhile."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from hires import write_hires
from loadbay import Loadbay

UPLOADS = 200
ROWS = 1000


def bodies(folder: Path, first_id: int) -> list[bytes]:
    """Return UPLOADS files of ROWS new hires."""
    firsts = range(first_id, first_id + UPLOADS * ROWS, ROWS)
    return [write_hires(folder / "small.csv", ROWS, first).read_bytes() for first in firsts]


def upload_all(loadbay: Loadbay, files: list[bytes], clients: int) -> tuple[float, list[float], set[int]]:
    """Return rows a second, the seconds of each request, and the statuses, of all files sent by so many clients."""
    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        parts = pool.map(lambda client: _send(loadbay, files[client::clients]), range(clients))
        requests = [request for part in parts for request in part]
    seconds = time.perf_counter() - start
    return len(files) * ROWS / seconds, [spent for spent, _ in requests], {status for _, status in requests}


def reports_under_load(loadbay: Loadbay, files: list[bytes], clients: int, path: str) -> list[float]:
    """Return the seconds of each report that one more client asks for while the others upload."""
    with ThreadPoolExecutor(2) as pool:
        uploads = pool.submit(upload_all, loadbay, files, clients)
        reports = pool.submit(_ask, loadbay, path, uploads.done)
        uploads.result()
        return reports.result()


def _send(loadbay: Loadbay, bodies: list[bytes]) -> list[tuple[float, int]]:
    connection = loadbay.connect()
    requests = []
    for body in bodies:
        start = time.perf_counter()
        connection.request("POST", "/upload/hired_employees", body, {"Content-Type": "text/csv"})
        answer = connection.getresponse()
        answer.read()
        requests.append((time.perf_counter() - start, answer.status))
    connection.close()
    return requests


def _ask(loadbay: Loadbay, path: str, is_done: Callable[[], bool]) -> list[float]:
    connection = loadbay.connect()
    seconds = []
    for number in count():
        if number and is_done():
            break
        start = time.perf_counter()
        connection.request("GET", path)
        connection.getresponse().read()
        seconds.append(time.perf_counter() - start)
    connection.close()
    return seconds
