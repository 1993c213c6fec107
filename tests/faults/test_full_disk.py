"""A disk without room left, for the database and for files that are received: 507, and nothing half done."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from required import skip
from served import Served
from servers.mysql import MySQL
from servers.postgresql import PostgreSQL
from servers.server import Server
from servers.sqlite import SQLite
from waits import until

from rows.bytes.spool import SPOOL_MEMORY_BYTES

SMALL, LARGE = "6m", "200m"
FILE = b"".join(b"%d,%s\n" % (i, b"x" * 500) for i in range(1, 30_001))
ROWS = 30_000


class Disk:
    """A disk of a few megabytes, in memory."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="loadbay-disk-"))
        if _mount("-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", self.folder):
            self.folder.rmdir()
            skip("no right to mount a disk: run the tests as root")

    def make_room(self) -> None:
        assert _mount("-o", f"remount,size={LARGE}", self.folder) == 0

    def remove(self) -> None:
        subprocess.run(["umount", self.folder], check=True)
        self.folder.rmdir()


def _mount(*arguments: object) -> int:
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True).returncode


class FullSQLite(SQLite):
    """A file on a disk of its own."""

    def start(self) -> None:
        super().start()
        self._disk = Disk()

    def create(self) -> str:
        return f"sqlite:///{self._disk.folder}/loadbay.db"

    def drop(self, url: str) -> None: ...

    def make_room(self, url: str) -> None:
        self._disk.make_room()

    def stop(self) -> None:
        self._disk.remove()
        super().stop()


class FullPostgreSQL(PostgreSQL):
    """A tablespace on a disk of its own."""

    variable = "NONE"

    def start(self) -> None:
        super().start()
        self._disk = Disk()
        shutil.chown(self._disk.folder, self.owner)
        self.execute(self.url, f"CREATE TABLESPACE small LOCATION '{self._disk.folder}'")

    def create(self) -> str:
        return f"{super().create()}%20-cdefault_tablespace%3Dsmall"

    def drop(self, url: str) -> None: ...

    def make_room(self, url: str) -> None:
        self._disk.make_room()

    def stop(self) -> None:
        super().stop()
        self._disk.remove()


class FullMySQL(MySQL):
    """A file for all tables, which may not grow on."""

    variable = "NONE"
    ROOM = ("--innodb-data-file-path=ibdata1:12M:autoextend:max:24M", "--innodb-file-per-table=OFF")

    def options(self, folder: Path, port: int) -> list[str]:
        return [*super().options(folder, port), *self.ROOM]

    def make_room(self, url: str) -> None:
        self.execute(url, "DELETE FROM jobs WHERE id > 100", "SET GLOBAL innodb_max_purge_lag_wait = 0")


SERVERS = {server.name: server for server in (FullSQLite, FullPostgreSQL, FullMySQL)}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = SERVERS[request.param]()
    server.start()
    yield server
    server.stop()


def counts(account: dict[str, Any]) -> list[int]:
    return [account[name] for name in ("read", "inserted", "skipped", "rejected")]


@pytest.mark.proves(
    "507 with the account so far, whole batches only, and it goes on once there is room",
    "the disk of the database full in mid-upload",
    "the error of a full disk",
)
def test_full_disk_is_a_507_with_the_account_so_far(
    serve: Callable[..., Served], server: Any, settings: dict[str, str]
) -> None:
    served = serve(BATCH_ROWS="100").wait()

    status, account = served.upload("jobs", FILE)

    stored = account["inserted"]
    assert status == 507
    assert account["detail"] == "the database has no room left on its disk"
    assert counts(account) == [stored, stored, 0, 0]
    assert 0 < stored < ROWS
    assert stored % 100 == 0
    assert server.execute(settings["DATABASE_URL"], "SELECT count(*), max(id) FROM jobs") == [(stored, stored)]
    upload = served.get(f"/uploads/{account['upload_id']}")
    assert counts(upload) == counts(account)
    # SQLite has no room for that either: after a minute it says interrupted.
    ended = ("running", None) if server.name == "sqlite" else ("stopped", account["detail"])
    assert (upload["status"], upload["reason"]) == ended
    server.make_room(settings["DATABASE_URL"])
    again, account = served.upload("jobs", FILE[: len(FILE) // 3])
    assert again == 200
    assert account["inserted"] + account["skipped"] == account["read"]


@pytest.mark.parametrize("server", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.proves(
    "once there is room it goes on with its key, and its account says the whole file",
    "the disk of the database full in mid-upload",
    "the note that is tried for a minute",
)
def test_upload_that_a_full_disk_ended_goes_on_with_its_key(
    serve: Callable[..., Served], server: Any, settings: dict[str, str]
) -> None:
    served = serve().wait()
    key = {"Idempotency-Key": "one"}

    status, account = served.upload("jobs", FILE, **key)
    server.make_room(settings["DATABASE_URL"])
    until(lambda: served.get("/uploads/1")["status"] == "stopped")
    again = served.upload("jobs", FILE, **key)

    assert (status, account["code"]) == (507, "disk_full")
    assert 0 < account["inserted"] < ROWS
    assert (again[0], again[1]["upload_id"], counts(again[1])) == (200, 1, [ROWS, ROWS, 0, 0])


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("whole", ["atomic", "dry_run"])
@pytest.mark.proves(
    "507, and nothing of the file is stored",
    "the disk of the database full in an atomic upload or a dry run",
    "the error of a full disk",
)
def test_full_disk_undoes_what_is_stored_whole_or_not_at_all(
    serve: Callable[..., Served], server: Any, settings: dict[str, str], whole: str
) -> None:
    served = serve().wait()

    status, account = served.upload(f"jobs?{whole}=true", FILE)

    assert status == 507
    assert counts(account) == [0, 0, 0, 0]
    assert served.read("/tables/jobs.csv") == b"id,job\r\n"


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.proves(
    "507, nothing is stored, and it goes on once there is room",
    "the disk for files that are received full",
    "the error of a full disk",
)
def test_full_disk_for_received_files_is_a_507_and_nothing_is_stored(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    disk = Disk()
    try:
        served = serve(TMPDIR=str(disk.folder), DATABASE_URL=f"sqlite:///{tmp_path}/loadbay.db").wait()

        status, problem = served.upload("jobs", FILE)
        after = served.upload("jobs", b"1,a\n")
        disk.make_room()
        again = served.upload("jobs", FILE)
    finally:
        served.stop()
        disk.remove()

    assert len(FILE) > 6 * 2**20 > SPOOL_MEMORY_BYTES
    assert (status, problem["detail"]) == (507, "there is no room left to receive the file")
    assert (after[0], after[1]["upload_id"], after[1]["inserted"]) == (200, 1, 1)
    assert (again[0], again[1]["inserted"]) == (200, ROWS - 1)
