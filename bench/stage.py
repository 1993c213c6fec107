"""What every measurement needs: the files, a service on an empty database, and an upload that is timed and checked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hires import (
    DEPARTMENTS,
    JOBS,
    rewrite,
    with_day_first,
    with_other_name,
    with_quotes,
    with_some_quotes,
    with_some_refused,
    with_word,
    write_hires,
    write_names,
)
from loadbay import Loadbay
from servers.server import Server

ROWS = int(os.environ.get("ROWS", "1000000"))
RUNS = int(os.environ.get("RUNS", "3"))
IDS_SHOWN = 10_000
"""An answer shows so many skipped ids."""

LARGER = 5
"""The larger file has so many times the rows."""


class Files:
    """The files that are loaded."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.departments = write_names(folder / "departments.csv", "Department", DEPARTMENTS)
        self.jobs = write_names(folder / "jobs.csv", "Job", JOBS)
        self.hires = write_hires(folder / "hires.csv", ROWS)
        self.larger = write_hires(folder / "larger.csv", ROWS * LARGER)
        self.rest = write_hires(folder / "rest.csv", ROWS * LARGER, first_id=ROWS * LARGER + 1)
        self.others = write_hires(folder / "others.csv", ROWS, first_id=ROWS + 1)
        self.quoted = rewrite(folder / "quoted.csv", self.hires, with_quotes)
        self.some_quoted = rewrite(folder / "some_quoted.csv", self.hires, with_some_quotes)
        self.some_refused = rewrite(folder / "some_refused.csv", self.hires, with_some_refused)
        self.day_first = rewrite(folder / "day_first.csv", self.hires, with_day_first)
        self.empty = rewrite(folder / "empty.csv", self.hires, with_word(""))
        self.null = rewrite(folder / "null.csv", self.hires, with_word("NULL"))
        self.renamed = rewrite(folder / "renamed.csv", self.hires, with_other_name)


@contextmanager
def served(url: str, files: Files) -> Iterator[Loadbay]:
    """Give the block a service on an empty database, with the departments and jobs."""
    loadbay = Loadbay(url)
    try:
        loadbay.start()
        loadbay.upload("departments", files.departments)
        loadbay.upload("jobs", files.jobs)
        yield loadbay
    finally:
        loadbay.stop()


def upload(loadbay: Loadbay, file: Path, inserted: int, skipped: int, query: str = "") -> float:
    """Return the seconds of an upload, whose account must have these counts."""
    seconds, answer = loadbay.upload(f"hired_employees{query}", file)
    shown = min(skipped, IDS_SHOWN)
    assert (answer["inserted"], answer["skipped"], len(answer["skipped_duplicates"])) == (inserted, skipped, shown)
    return seconds


@contextmanager
def started(server: Server) -> Iterator[Server]:
    """Keep a server up for the block."""
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def database(server: Server) -> Iterator[str]:
    """Give the block the URL of an empty database."""
    url = server.create()
    yield url
    server.drop(url)
