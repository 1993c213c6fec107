"""Power that is cut while SQLite stores uploads: whatever was answered is there, and of the rest whole batches."""

import hashlib
import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import faults_table
import pytest
from conftest import close_clients, start_client
from power import SHARED_MEMORY, Disk, Power, Record
from project import edit
from served import Served
from servers.server import Server
from waits import PATIENCE

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

UPLOADS = 60 if faults_table.LONG else 24
CLIENTS = 3
BATCH_ROWS = 200
REPORT = "/stats/data-quality"
LOSSES_SOUGHT = 25
"""In so many cuts a service that syncs too little is to be found out."""


class Sent(NamedTuple):
    """An upload that was answered: its ids, and what the answer said."""

    ids: range
    sha256: str
    is_atomic: bool
    account: dict[str, Any]


def send(served: Served, number: int) -> Sent:
    """Upload a file of some rows, one of which is refused; every fourth is atomic, and has none of these."""
    ids = range(number * 10_000, number * 10_000 + 100 + number * 331 % 1500)
    is_atomic = number % 4 == 0
    body = b"".join(b"%d,%s\n" % (i, b"Job " * 20) for i in ids) + (b"" if is_atomic else b"x,Job\n")
    headers = {"Content-Type": "text/csv", "X-Request-ID": name_of(number)}
    url = f"{served.url}/upload/jobs?atomic={'true' if is_atomic else 'false'}"
    with urlopen(Request(url, body, headers), timeout=PATIENCE) as answer:
        account = json.load(answer)
    assert account["inserted"] == len(ids)
    return Sent(ids, hashlib.sha256(body).hexdigest(), is_atomic, account)


def name_of(number: int) -> str:
    return f"upload-{number:03}-sent"


class Run(NamedTuple):
    """What a service did and answered, from its start on a new database to its end."""

    records: list[Record]
    sent: list[Sent]
    answered_at: list[int]
    """The record before which the head of each answer was sent."""


def run(served: Served, power: Power, folder: Path) -> Run:
    """Send all uploads, some at a time; from the middle on a report keeps the file open, and so the WAL."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        sent = list(pool.map(lambda number: send(served, number), range(1, UPLOADS // 2 + 1)))
        served.get(REPORT)
        sent += pool.map(lambda number: send(served, number), range(UPLOADS // 2 + 1, UPLOADS + 1))
    served.stop()
    records = power.records()
    check_complete(records, folder)
    heads = [record.data if record.kind == "a" else b"" for record in records]
    places = [next(i for i, head in enumerate(heads) if name_of(n).encode() in head) for n in range(1, UPLOADS + 1)]
    return Run(records, sent, places)


def check_complete(records: list[Record], folder: Path) -> None:
    """Assert that the log has all that was done to the files: followed to its end it gives them as they are."""
    found = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith(SHARED_MEMORY)}
    noted = {name: file.now() for name, file in Disk().follow(records).now.items() if not name.endswith(SHARED_MEMORY)}

    assert {record.kind for record in records} >= set("owsua")
    assert noted == found


class Cut:
    """A cut at a random moment of a run; what it left is in a folder."""

    def __init__(self, run: Run, folder: Path):
        seed = random.SystemRandom().randrange(2**32)
        chance = random.Random(seed)
        self._run = run
        self._place = chance.randrange(len(run.records))
        newest = chance.choice([0, 0.5, 0.9, 1])
        print(f"cut before record {self._place} of {len(run.records)}, seed {seed}")
        self._url = f"sqlite:///{folder}/loadbay.db"
        folder.mkdir()
        for name, content in Disk().follow(run.records[: self._place]).cut(chance, newest).items():
            (folder / name).write_bytes(content)

    def losses(self, server: Server) -> list[str]:
        """Start a service on what was left, and return what is not as it was promised."""
        client = start_client({"DATABASE_URL": self._url})
        uploads = {upload["sha256"]: upload for upload in client.get("/uploads?limit=1000")}
        stored = [int(row[0]) for row in client.rows("jobs")]
        checked = server.execute(self._url, "PRAGMA integrity_check")
        found = [] if checked == [("ok",)] else [f"integrity_check says {checked}"]
        for sent, answered_at in zip(self._run.sent, self._run.answered_at, strict=True):
            rows = [i for i in stored if i in sent.ids]
            upload = uploads.pop(sent.sha256, None)
            if answered_at < self._place and not _is_kept(sent, upload, rows):
                found.append(f"answered: {sent.account}, kept: {len(rows)} rows and {upload}")
            elif not _is_whole(sent, upload, rows):
                found.append(f"sent: {sent.ids}, kept: {len(rows)} rows and {upload}")
        return [*found, *(f"nobody sent {upload}" for upload in uploads.values())]


COUNTS = ("upload_id", "read", "inserted", "skipped", "rejected")


def _is_kept(sent: Sent, upload: dict[str, Any] | None, rows: list[int]) -> bool:
    """Whether an upload that was answered has its rows, and in the ledger what the answer said."""
    return (
        upload is not None
        and rows == list(sent.ids)
        and upload["status"] == "finished"
        and [upload[name] for name in COUNTS] == [sent.account[name] for name in COUNTS]
    )


def _is_whole(sent: Sent, upload: dict[str, Any] | None, rows: list[int]) -> bool:
    """Whether an upload that was not answered has whole batches, just those that the ledger has, or nothing."""
    inserted = upload["inserted"] if upload else 0
    is_all = inserted == len(sent.ids)
    is_batches = inserted % BATCH_ROWS == 0 and not (sent.is_atomic and inserted)
    return rows == list(sent.ids[:inserted]) and (is_all or is_batches)


@pytest.fixture
def folder(settings: dict[str, str]) -> Path:
    return Path(settings["DATABASE_URL"].removeprefix("sqlite:///")).parent


@pytest.fixture
def power(folder: Path, tmp_path: Path) -> Power:
    return Power(folder, tmp_path / "log", tmp_path / "power.so")


@pytest.mark.proves(
    "what was answered has its rows and its entry in the ledger; of the rest there are whole batches", "the power cut at any call, what was not synced kept or lost sector by sector",
    "the sync of the last commit",
)  # fmt: skip
def test_cut_power_loses_nothing_that_was_answered(
    serve: Callable[..., Served], server: Server, power: Power, folder: Path, tmp_path: Path, rounds: Callable[[int, int], range]
) -> None:  # fmt: skip
    done = run(serve(BATCH_ROWS=str(BATCH_ROWS), **power.environ).wait(), power, folder)

    for number in rounds(3, 25):
        cut = Cut(done, tmp_path / f"cut-{number}")

        assert cut.losses(server) == []
        close_clients()


def test_cut_power_finds_a_last_commit_that_is_not_synced(
    serve: Callable[..., Served], server: Server, power: Power, folder: Path, copy: Path, tmp_path: Path
) -> None:
    edit(copy / "sql/sqlite/connection.py", "'FULL' if durable else 'NORMAL'", "'NORMAL'")
    done = run(serve(folder=copy, BATCH_ROWS=str(BATCH_ROWS), **power.environ).wait(), power, folder)

    cuts = (Cut(done, tmp_path / f"cut-{number}") for number in range(LOSSES_SOUGHT))

    assert any(loss.startswith("answered") for cut in cuts for loss in cut.losses(server))
