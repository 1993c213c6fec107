"""The steps in which the ledger's schema came about: a database takes those that it does not have yet."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sql.errors import StartRefused
from sql.files.statements import Statement, read_statements

STEP = re.compile(r"[0-9]{3}_\w+")
"""The name of a step: its number, which several may share, and what it is about.

A step only adds, so that the release before goes on with a newer ledger. One that commits by itself may be run again.
"""

NUMBER_TABLE = "ledger_schema"
"""The table that keeps the number of the last step."""


class Steps:
    """The steps, by name and in order."""

    def __init__(self, folder: Path, statements: Mapping[str, Statement]):
        """Read the folder; statements has "number" and "renumber". Raises StartRefused for a name that is no STEP."""
        self._statements = statements
        self._steps = read_statements(folder)
        for name, step in self._steps.items():
            if not STEP.fullmatch(name):
                raise StartRefused(f"{step.path} has no number: expected a name such as 005_batches.sql")

    def number(self, connection: Any) -> int:
        """Return the number that a database has kept, 0 where NUMBER_TABLE is empty: the last step has not landed."""
        return connection.select(self._statements["number"], {}).rows[0][0] or 0

    def after(self, number: int) -> list[Statement]:
        """Return the steps that lead on from a number."""
        return [step for name, step in self._steps.items() if _number_of(name) > number]

    def renumber(self, connection: Any) -> None:
        """Keep the number of the last step."""
        connection.execute(self._statements["renumber"], {"number": max(map(_number_of, self._steps))})


def _number_of(step: str) -> int:
    return int(step[:3])
