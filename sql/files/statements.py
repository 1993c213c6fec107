"""The .sql files of a folder: one statement each, called by the file's name, documented by its heading comment."""

from collections.abc import Collection, Iterable
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, NamedTuple

from sql.errors import StartRefused, TooManyRows


class Statement(NamedTuple):
    """One .sql file: its name without `.sql`, its text, and the lines of its heading comment without `-- `."""

    name: str
    text: str
    heading: tuple[str, ...]
    path: Path


class Result(NamedTuple):
    """What a SELECT gives: the names of its columns and its rows, in order."""

    names: list[str]
    rows: list[tuple[Any, ...]]

    def dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]


class Limits(NamedTuple):
    """How many rows a report may give, and for how many seconds it may run."""

    rows_max: int
    seconds: float

    def keep(self, rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Return the rows. Raises TooManyRows, and reads no further, where there are over rows_max of them."""
        found = list(islice(rows, self.rows_max + 1))
        if len(found) > self.rows_max:
            raise TooManyRows(
                f"the answer has over {self.rows_max} rows (REPORT_ROWS_MAX): ask for fewer by its parameters"
            )
        return found


def read_statements(folder: Path) -> dict[str, Statement]:
    """Return the folder's statements by name. Raises StartRefused for a file that is no UTF-8 text."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.sql"))}


def expect(
    statements: dict[str, Statement], folder: Path, names: Collection[str], optional: Collection[str] = ()
) -> None:
    """Raise StartRefused unless the folder has all the statements of these names and none but the optional more."""
    for name in names:
        if name not in statements:
            raise StartRefused(f"{folder} has no {name}.sql")
    for statement in statements.values():
        if statement.name not in (*names, *optional):
            raise StartRefused(f"{statement.path} is not one of {', '.join((*names, *optional))}")


def _read(path: Path) -> Statement:
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise StartRefused(f"{path} is no UTF-8 text: {error.reason} at byte {error.start}") from None
    heading = takewhile(lambda line: line.startswith("--"), text.splitlines())
    return Statement(path.stem, text, tuple(line[2:].strip() for line in heading), path)
