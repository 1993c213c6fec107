"""The table of docs/faults.md: what is promised, what was tried against it, and how often on which database it held.

A test is in it by @pytest.mark.proves(promise, fault, without): `without` names what was taken out of the service, once,
to see the test fail. FAULTS_LONG=1 in the environment has the tests try the longer numbers, and the table written.
"""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

LONG = bool(os.environ.get("FAULTS_LONG"))
PAGE = Path(__file__).parent.parent / "docs/faults.md"
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB"}
COLUMNS = ("fault or input", "promise", *DATABASES.values(), "seen to fail without")
FILES = (
    "faults", "reading", "restarts", "errors", "full_disk", "passing_faults", "undo_served", "once_only_served", "load", "memory", "slow_clients", "served", "log", "malformed",
    "hostile", "bounds", "entry", "rejects_bytes", "access",
    "sql_files", "stats", "settings", "listening", "gunicorn", "nginx", "health", "database_file", "power_cuts", "metrics_of_workers", "load_faults",
)  # fmt: skip
"""The order of the lines: that of these files of tests, and of the tests in them."""


class Line(NamedTuple):
    fault: str
    promise: str
    without: str


class Tried:
    """How often the tests of a line were passed on each database, where one failed, and where the first one stands."""

    def __init__(self) -> None:
        self.held: Counter[str] = Counter()
        self.failed: set[str] = set()
        self.place = (len(FILES), 0)

    def add(self, report: pytest.TestReport) -> None:
        properties = dict(report.user_properties)
        self.held[properties["database"]] += properties.get("rounds", 1)
        if not report.passed:
            self.failed.add(properties["database"])
        file, number, _ = report.location
        self.place = min(self.place, (FILES.index(Path(file).stem.removeprefix("test_")), number or 0))

    def cells(self) -> list[str]:
        return ["FAILED" if name in self.failed else str(self.held[name] or "") for name in DATABASES]


def lines_of(items: Iterable[pytest.Item]) -> set[Line]:
    """Let the report of each test say which line it proves on which database, and return the lines."""
    lines = set()
    for item in items:
        if mark := item.get_closest_marker("proves"):
            promise, fault, without = mark.args
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            line = Line(fault, promise, without)
            item.user_properties += [("proves", tuple(line)), ("database", parameters.get("server", "sqlite"))]
            lines.add(line)
    return lines


def table(reports: Iterable[pytest.TestReport]) -> str:
    """Return as Markdown how often each promise held, or that it did not."""
    tried: dict[Line, Tried] = {}
    for report in reports:
        if (report.when == "call" or report.failed) and (proves := dict(report.user_properties).get("proves")):
            tried.setdefault(Line(*proves), Tried()).add(report)
    rows = [COLUMNS, ["---"] * len(COLUMNS)]
    for line, found in sorted(tried.items(), key=lambda entry: entry[1].place):
        rows.append([line.fault, line.promise, *found.cells(), line.without])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def write(made: str) -> None:
    """Put a table in the place of the page's."""
    before = PAGE.read_text().partition("| fault or input |")[0]
    PAGE.write_text(before + made)
