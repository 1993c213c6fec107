"""Reports: a statement, described by its heading comment, which also declares its parameters."""

import re
from pathlib import Path
from typing import NamedTuple

from sql.errors import StartRefused
from sql.files.statements import Statement, read_statements

PARAMETER = re.compile(r":(\w+)\s+(\w+)(?:\s*=\s*(.*))?")
TYPES = ("integer", "text", "timestamp")
TAKEN = ("format",)
"""Names that the query has for something else."""


class Parameter(NamedTuple):
    """A report's parameter, declared as `-- :year integer = 2021`; without a default it must be given."""

    name: str
    type: str
    default: int | str | None


class Report(NamedTuple):
    """A report; `{year}` in its name is a parameter in its URL."""

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    statement: Statement


def read_reports(folder: Path) -> dict[str, Report]:
    """Return the reports of the folder by name. Raises StartRefused for a heading that is missing or wrong."""
    return {name: _report(statement) for name, statement in read_statements(folder).items()}


def _report(statement: Statement) -> Report:
    description = " ".join(line for line in statement.heading if not line.startswith(":"))
    parameters = tuple(_parameter(line, statement) for line in statement.heading if line.startswith(":"))
    if not description:
        raise StartRefused(f"{statement.path} must begin with a comment that says what one row of it is")
    for name in re.findall(r"{(.*?)}", statement.name):
        if name not in [parameter.name for parameter in parameters]:
            raise StartRefused(f"{statement.path} must declare {{{name}}} in its heading: -- :{name} integer")
    return Report(statement.name, description, parameters, statement)


def _parameter(line: str, statement: Statement) -> Parameter:
    match = PARAMETER.fullmatch(line)
    if not match or match[2] not in TYPES:
        types = ", ".join(TYPES)
        raise StartRefused(f"{statement.path}: expected -- :name type = default with a type of {types}, not -- {line}")
    name, kind, default = match.groups()
    if name in TAKEN:
        raise StartRefused(f"{statement.path}: a parameter cannot be called {name}")
    if kind != "integer" or default is None:
        return Parameter(name, kind, default)
    try:
        return Parameter(name, kind, int(default))
    except ValueError:
        raise StartRefused(f"{statement.path}: the default of :{name} is not an integer: {default}") from None
