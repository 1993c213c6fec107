"""The backups of docs/operate.md, taken with its commands while others upload, and restored."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from project import PROJECT
from served import Served
from servers.server import Server
from waits import PATIENCE, until

COMMANDS = re.findall(r"```sh\n(.*?)```", (PROJECT / "docs/operate.md").read_text(), re.DOTALL)
BACK_UP = {"sqlite": "sqlite3 ", "postgresql": "pg_dump ", "mysql": "mariadb-dump "}
RESTORE = {"sqlite": "mkdir -p before ", "postgresql": "pg_restore ", "mysql": "mariadb "}

CLIENTS = 8
BATCH_ROWS = 10
FILE_ROWS = 200


@pytest.fixture
def whole_url(server: Server) -> Iterator[str]:
    """The URL of a database of its own, which a backup has all of."""
    name = f"backup_{uuid4().hex}"
    if server.name == "sqlite":
        url = server.create()
        yield url
        server.drop(url)
        return
    server.execute(server.url, f"CREATE DATABASE {name}")
    yield urlsplit(server.url)._replace(path=f"/{name}").geturl()
    force = " WITH (FORCE)" if server.name == "postgresql" else ""
    server.execute(server.url, f"DROP DATABASE {name}{force}")


def command(server: Server, begins: dict[str, str], url: str) -> str:
    """Return the page's command for a database, with the name or the URL of another one in it."""
    (found,) = [line for block in COMMANDS for line in block.splitlines() if line.startswith(begins[server.name])]
    if server.name == "mysql":
        parts = urlsplit(url)
        where = f"--host={parts.hostname} --port={parts.port} --user={parts.username} "
        found = found.replace("loadbay ", f"{where}{parts.path[1:]} ")
        program, _, rest = found.partition(" ")
        return f"{program} --no-defaults {rest}"
    return found.replace('"$DATABASE_URL"', shlex.quote(url))


def run(line: str, folder: Path) -> None:
    ran = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    assert ran.returncode == 0, ran.stderr


def file_of(number: int) -> bytes:
    """Return a file with ids of its own."""
    return b"".join(b"%d,job %d\n" % (FILE_ROWS * number + i, number) for i in range(1, FILE_ROWS + 1))


def uploads_of(served: Served) -> list[dict[str, Any]]:
    return served.get("/uploads?limit=1000")


def ids_of(served: Served) -> list[int]:
    return [int(line.partition(b",")[0]) for line in served.read("/tables/jobs.csv").splitlines()[1:]]


def test_backup_under_writers_has_what_its_ledger_counts_and_is_completed(
    server: Server, whole_url: str, serve: Callable[..., Served], tmp_path: Path
) -> None:
    folder = Path(whole_url.removeprefix("sqlite:///")).parent if server.name == "sqlite" else tmp_path
    served = serve(DATABASE_URL=whole_url, BATCH_ROWS=str(BATCH_ROWS), BUSY_TIMEOUT="60").wait()
    over = Event()

    def send(client: int) -> list[int]:
        """Send files until told to stop, and return their numbers."""
        sent = []
        while not over.is_set():
            sent.append(client + CLIENTS * len(sent))
            assert served.upload("jobs", file_of(sent[-1]))[0] == 200
        return sent

    with ThreadPoolExecutor() as pool:
        done = [pool.submit(send, client) for client in range(CLIENTS)]
        try:
            until(lambda: len([one for one in uploads_of(served) if one["status"] == "finished"]) > 2)
            before = {one["upload_id"] for one in uploads_of(served) if one["status"] == "finished"}
            run(command(server, BACK_UP, whole_url), folder)
            until(lambda: len(uploads_of(served)) > len(before) + 4)
        finally:
            over.set()
        numbers = [number for one in done for number in one.result()]
    all_ids = ids_of(served)
    served.stop()
    restore = command(server, RESTORE, whole_url)
    if server.name == "sqlite":
        (backup,) = folder.glob("backup-*.db")
        restore = re.sub(r"backup-\S+", backup.name, restore)
    run(restore, folder)

    restored = serve(DATABASE_URL=whole_url).wait()
    uploads = uploads_of(restored)
    assert before <= {one["upload_id"] for one in uploads if one["status"] == "finished"}
    assert len(ids_of(restored)) == sum(one["inserted"] for one in uploads) < len(all_ids)
    assert all(one["inserted"] == one["read"] and one["read"] % BATCH_ROWS == 0 for one in uploads)
    for one in uploads:
        kept = restored.read(f"/uploads/{one['upload_id']}/ids.csv").splitlines()[1:]
        assert len(kept) == one["inserted"]
    for number in numbers:
        assert restored.upload("jobs", file_of(number))[0] == 200
    assert ids_of(restored) == all_ids
    assert len(all_ids) == FILE_ROWS * len(numbers)
