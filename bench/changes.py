"""Rows that are corrected, and uploads that are taken back."""

import time

from loadbay import Loadbay
from results import Figures
from servers.sqlite import SQLite
from stage import ROWS, RUNS, Files, database, served, started, upload


def measure(files: Files, figures: Figures) -> None:
    """Measure, each beside a first load of the same file, what corrects its rows and what takes it back, on SQLite."""
    with started(SQLite()) as server:
        for _ in range(RUNS):
            with database(server) as url, served(url, files) as loadbay:
                figures["sqlite loaded"].append(upload(loadbay, files.hires, ROWS, 0))
                with loadbay.growth() as grown:
                    figures["sqlite taken back"].append(take_back(loadbay, "removed"))
                figures["taken back MB"] += grown
            with database(server) as url, served(url, files) as loadbay:
                figures["sqlite loaded too"].append(upload(loadbay, files.hires, ROWS, 0))
                figures["sqlite skipped"].append(upload(loadbay, files.hires, 0, ROWS))
                figures["sqlite alike"].append(upload(loadbay, files.hires, 0, ROWS, "?on_conflict=update"))
                with loadbay.growth() as grown:
                    figures["sqlite updated"].append(upload(loadbay, files.renamed, 0, 0, "?on_conflict=update"))
                figures["updated MB"] += grown
                figures["sqlite restored"].append(take_back(loadbay, "restored"))


def take_back(loadbay: Loadbay, outcome: str) -> float:
    """Return the seconds of taking the latest upload back, all of whose rows must come to this."""
    number = loadbay.get("/uploads?limit=1")[0]["upload_id"]
    start = time.perf_counter()
    answer = loadbay.delete(f"/uploads/{number}")
    while answer["status"] == "undoing":
        answer = loadbay.delete(f"/uploads/{number}")
    seconds = time.perf_counter() - start
    assert answer[outcome] == ROWS
    return seconds
