"""The figures as a table and a picture."""

import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from subprocess import run

import matplotlib

Figures = dict[str, list[float]]
"""What was measured by its name: seconds, unless the name says another unit."""

BEFORE = "\n## The run before\n\n"

TICKS = (1, 2, 5, 10, 20, 50)

Load = Callable[[Path, str], float]
"""Loads a file into a database, and returns the seconds."""

DATABASES = {
    "sqlite": ("SQLite", [".import", "sqlite-utils", "pandas"]),
    "postgresql": ("PostgreSQL", [r"\copy", "pgloader"]),
    "mysql": ("MariaDB", ["LOAD DATA"]),
}

AGAIN = ("the same again: every row skipped and named", "sqlite again", "the first load", "sqlite Loadbay")
WAYS = (
    ("every field quoted", "sqlite quoted", "the plain file", "sqlite iso"),
    ("quotes in 2 % of the records", "sqlite some quoted", "the plain file", "sqlite iso"),
    ("3 % of the records refused", "sqlite some refused", "the plain file", "sqlite iso"),
    ("two files at a time", "sqlite at a time", "one after the other", "sqlite in turn"),
    ("27/07/2021 16:02:08 with `dates=dmy`", "sqlite dmy", "ISO 8601", "sqlite iso"),
    ("every fifth department NULL with `nulls=NULL`", "sqlite nulls", "empty ones", "sqlite empty"),
    ("taken back: every row deleted", "sqlite taken back", "its load", "sqlite loaded"),
    ("all alike with `on_conflict=update`", "sqlite alike", "without", "sqlite skipped"),
    ("every row updated", "sqlite updated", "the first load", "sqlite loaded too"),
    ("that taken back: every row restored", "sqlite restored", "the update", "sqlite updated"),
)
REPORT = ("hires-per-quarter, first after a write", "report Loadbay", "`sqlite3`", "report sqlite3")
"""What was done, the name of its figures, what it is measured by, and the name of its figures."""

WAITS = {
    "hires-per-quarter again, nothing written since": "report remembered ms",
    "the same with its ETag: 304": "report not modified ms",
    "an upload of 1000 rows, one client": "small 1 ms",
    "an upload of 1000 rows, 8 clients at a time": "small 8 ms",
    "hires-per-quarter while 8 clients upload": "report under load ms",
}
"""What clients wait for, and the name of its figures."""


def write(folder: Path, figures: Figures, rows: int, larger: int) -> None:
    """Write results.md, with the run before below this one, and results.svg into the folder."""
    page = folder / "results.md"
    before = page.read_text().partition(BEFORE)[0] if page.exists() else ""
    page.write_text(table(figures, rows, larger) + BEFORE + before.partition("\n\n")[2])
    draw(figures, rows, folder / "results.svg")


def table(figures: Figures, rows: int, larger: int) -> str:
    """Return the figures as Markdown."""
    return f"""# Measured

`make bench` wrote this: {len(figures["sqlite Loadbay"])} runs of each on one machine, in turn; seconds are medians with the least and the most, ratios the medians of the runs' own. Loadbay is called by curl and runs on gunicorn with one worker; the file has {rows:,} hires. The servers have their defaults, and sync to disk.

{machine()}.

| work | Loadbay | beside | | ratio |
|---|---|---|---|---|
{lines(beside_others(figures, rows, larger))}

| | median | 99 of 100 |
|---|---|---|
{lines((work, *quantiles(figures[name])) for work, name in WAITS.items())}

Uploads of 1000 rows: {figures["small 1 rows/s"][0]:,.0f} rows a second by one client, {figures["small 8 rows/s"][0]:,.0f} by eight; no answer but 200.

The resident memory of the worker, and of the process that reads for it, grew at its peak by {most(figures["hires MB"])} for {rows:,} rows, {most(figures["larger MB"])} for {larger * rows:,}; where all were there already and named by {most(figures["hires again MB"])} and {most(figures["larger again MB"])}; where all were updated by {most(figures["updated MB"])}, and taken back by {most(figures["taken back MB"])}.
"""


def beside_others(figures: Figures, rows: int, larger: int) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each load and report, beside the other tool or the other load that it is measured by."""
    peers = [
        (f"{rows:,} hires into {database}", f"{name} Loadbay", f"`{peer}`", f"{name} {peer}")
        for name, (database, names) in DATABASES.items()
        for peer in names
    ]
    millions = (
        f"{larger * rows:,} hires into SQLite, a million",
        "larger s a million",
        f"{rows:,}",
        "hires s a million",
    )
    reports = (f"the same of {2 * larger * rows:,} hires", "large report Loadbay", "`sqlite3`", "large report sqlite3")
    for work, ours, beside, theirs in (*peers, AGAIN, millions, *WAYS, REPORT, reports):
        one, other = figures[ours], figures[theirs]
        yield work, seconds(one), beside, seconds(other), ratio(one, other)


def lines(rows: Iterable[Sequence[str]]) -> str:
    """Return rows of cells as those of a table."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def machine() -> str:
    """Return what was measured on."""
    model = next(
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    )
    versions = {
        "SQLite": said("sqlite3", "--version").split()[0],
        "PostgreSQL": said("psql", "--version").split()[2],
        "pgloader": said("pgloader", "--version").split()[2].strip(chr(34)),
        "MariaDB": said("mariadb", "--version").split("Distrib ")[-1].split("-")[0],
        **{name: version(name) for name in ("sqlite-utils", "pandas", "SQLAlchemy")},
    }
    return (
        f"{os.cpu_count()} processors ({model}), {platform.system()} {platform.release()}, Python "
        f"{platform.python_version()} of {sys.base_prefix}, "
        + ", ".join(f"{name} {number}" for name, number in versions.items())
    )


def said(*command: str) -> str:
    return run(command, capture_output=True, text=True, check=True).stdout


def seconds(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} s ({min(values):.2f} to {max(values):.2f})"


def ratio(ours: list[float], theirs: list[float]) -> str:
    """Return the median of the ratios, run by run."""
    return f"{statistics.median(a / b for a, b in zip(ours, theirs, strict=True)):.2f}"


def quantiles(values: list[float]) -> tuple[str, str]:
    """Return the median and the 99th percentile of milliseconds."""
    return f"{statistics.median(values):.1f} ms", f"{sorted(values)[int(len(values) * 0.99)]:.1f} ms"


def most(values: list[float]) -> str:
    return f"{max(values):.0f} MB"


def draw(figures: Figures, rows: int, path: Path) -> None:
    """Draw the loads side by side, on a logarithmic scale."""
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "loadbay"  # the same figures give the same file
    from matplotlib import pyplot

    bars = [
        (f"{peer}  {database}", figures[f"{name} {peer}"], peer == "Loadbay")
        for name, (database, peers) in DATABASES.items()
        for peer in ("Loadbay", *peers)
    ]
    figure, axes = pyplot.subplots(figsize=(8, 0.4 * len(bars) + 1))
    for place, (_, values, is_ours) in enumerate(bars):
        median = statistics.median(values)
        axes.barh(place, median, color="#1f6f8b" if is_ours else "#b8c4c9")
        axes.hlines(place, min(values), max(values), color="#333333")
        axes.annotate(f"{median:.1f} s", (max(values), place), (4, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(bars)), [label for label, _, _ in bars])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(0.5, max(max(values) for _, values, _ in bars) * 2)
    axes.set_xticks(TICKS, [str(tick) for tick in TICKS])
    axes.minorticks_off()
    axes.set_xlabel(f"seconds for {rows:,} hires: median, least and most (logarithmic)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
