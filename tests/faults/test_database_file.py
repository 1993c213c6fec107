"""SQLite's file: whose it is, where it lies, what becomes of an upload when it is taken away or cannot be written."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import start_client
from served import Served
from servers.server import Server
from test_faults import State, check_completed, check_sound, held_upload

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

REPORT = "/stats/data-quality"


@pytest.fixture
def file(settings: dict[str, str]) -> Path:
    return Path(settings["DATABASE_URL"].removeprefix("sqlite:///"))


def rights_of(folder: Path) -> dict[str, str]:
    """Return the rights of all that is in a folder."""
    return {path.name: oct(path.stat().st_mode & 0o777) for path in sorted(folder.iterdir())}


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.proves(
    "the file, its -wal and its -shm are their owner's alone", "a new database, whatever the umask",
    "the file that is made before SQLite opens it",
)  # fmt: skip
@pytest.mark.parametrize("mask", [0, 0o022, 0o277], ids=oct)
def test_file_is_made_for_its_owner_alone(settings: dict[str, str], file: Path, mask: int) -> None:
    with umask(mask):
        client = start_client(settings)
        client.upload("jobs", "1,Clerk\n")
        client.get(REPORT)  # which keeps the file open

    assert rights_of(file.parent) == dict.fromkeys(("loadbay.db", "loadbay.db-shm", "loadbay.db-wal"), "0o600")


def test_file_that_is_there_keeps_its_rights_and_what_is_beside_it_has_the_same(
    settings: dict[str, str], file: Path
) -> None:
    file.touch()
    file.chmod(0o640)

    with umask(0o077):
        client = start_client(settings)
        client.upload("jobs", "1,Clerk\n")
        client.get(REPORT)

    assert rights_of(file.parent) == dict.fromkeys(("loadbay.db", "loadbay.db-shm", "loadbay.db-wal"), "0o640")


def test_file_is_made_where_a_symbolic_link_leads(settings: dict[str, str], file: Path) -> None:
    real = file.with_name("real.db")
    file.symlink_to(real.name)

    client = start_client(settings)

    assert client.upload("jobs", "1,Clerk\n")["inserted"] == 1
    assert file.is_symlink()
    assert rights_of(file.parent) == dict.fromkeys(("loadbay.db", "real.db"), "0o600")


@pytest.mark.parametrize("name", ["a?mode=memory", "b#c.db", "d%41.db", "e f&ü.db"])
def test_file_may_have_any_name(file: Path, name: str) -> None:
    client = start_client({"DATABASE_URL": f"sqlite:///{file.parent}/{name}"})

    assert client.upload("jobs", "1,Clerk\n")["inserted"] == 1
    assert [path.name for path in file.parent.iterdir()] == [name]


def test_folder_that_takes_no_file_stops_the_start(file: Path) -> None:
    real = file.parent / "nowhere" / "real.db"
    file.symlink_to(real)

    with pytest.raises(Exception, match="no file can be made there: No such file or directory"):
        start_client({"DATABASE_URL": f"sqlite:///{file}"})


@pytest.mark.proves(
    "503 with the counts so far; once it is back the file sent again completes it", "SQLite's file taken away in mid-upload",
    "the look whether the file is the one that was opened",
)  # fmt: skip
@pytest.mark.parametrize("in_its_place", ["nothing", "another"])
def test_upload_whose_file_is_taken_away_is_a_503_with_the_counts_so_far(
    serve: Callable[..., Served], server: Server, settings: dict[str, str], file: Path, in_its_place: str
) -> None:
    served = serve(*server.arguments, WEB_CONCURRENCY="1").wait()
    away = file.with_name("away.db")
    with held_upload(served, server, settings["DATABASE_URL"]) as (upload, before):
        file.rename(away)
        if in_its_place == "another":
            file.write_bytes(away.read_bytes())
    upload.join()
    away.replace(file)

    assert upload.answer is not None
    status, account = upload.answer
    assert status == 503
    assert account["detail"] == (
        "the file of the database is gone: put it back"
        if in_its_place == "nothing"
        else "the file of the database was replaced: send the request again"
    )
    assert [account[name] for name in ("read", "inserted")] == [before.rows, before.rows]
    state = State(server, settings["DATABASE_URL"])
    state.check()
    check_sound(server, settings["DATABASE_URL"])
    assert before.rows <= state.rows <= before.rows + 1000
    check_completed(served, state.rows)


@contextmanager
def largest_file(bytes_max: int) -> Iterator[None]:
    """Let the system refuse what would make a file of this process larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.proves(
    "503 with the counts so far; the file sent again completes it", "a disk that refuses to write in mid-upload",
    "the error of a disk",
)  # fmt: skip
def test_disk_that_refuses_to_write_is_a_503_with_the_counts_so_far(settings: dict[str, str]) -> None:
    client = start_client(settings | {"BUSY_TIMEOUT": "0"})
    rows = b"".join(b"%d,%s\n" % (i, b"x" * 90) for i in range(1, 8001))

    with largest_file(2**19):
        refused: dict[str, Any] = client.app.post("/upload/jobs", rows, {"Content-Type": "text/csv"}, status=503).json
    again = client.app.post("/upload/jobs", rows, {"Content-Type": "text/csv"}).json

    assert refused["detail"] == "the disk of the database cannot be read or written"
    assert 0 < refused["inserted"] == refused["read"] < 8000
    assert (again["inserted"], again["skipped"]) == (8000 - refused["inserted"], refused["inserted"])
