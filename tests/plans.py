"""How a database would read a table for a statement, by its own plan."""

import re
from collections.abc import Callable
from contextlib import closing
from typing import Any

from servers.server import Server

EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN", "mysql": "EXPLAIN"}


def reads(server: Server, url: str, table: str, statement: str, parameters: dict[str, Any]) -> list[str]:
    """Return an entry for each time that the plan reads the table, and for what it does anew for each row."""
    with closing(server.connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute(f"{EXPLAIN[server.name]} {statement}", parameters)
        return READS[server.name](table, list(cursor.fetchall()))


def _sqlite(table: str, plan: list[tuple[Any, ...]]) -> list[str]:
    return [step for *_, step in plan if re.match(rf"CORRELATED|(SCAN|SEARCH) {table}\b", step)]


def _postgresql(table: str, plan: list[tuple[Any, ...]]) -> list[str]:
    return re.findall(rf"SubPlan|\w+ Scan.* on {table}\b", "\n".join(step for (step,) in plan))


def _mysql(table: str, plan: list[tuple[Any, ...]]) -> list[str]:
    return [f"{how} {name}" for _, kind, name, how, *_ in plan if name == table or kind.startswith("DEPENDENT")]


READS: dict[str, Callable[[str, list[tuple[Any, ...]]], list[str]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "mysql": _mysql,
}
