"""What other tools write of a table, sent as it is: it ends in the right rows, or in an answer that leads to them."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

import pytest
from conftest import start_client
from exports import libreoffice, mariadb, pandas, polars, postgresql, pyarrow, sqlite
from exports.made_up import Export, Table, example, hires
from faults_table import LONG
from servers.server import Server
from web_client import Client

ROUNDS = 6
"""As many options as an export may need one after the other, and one more."""

SAMPLE = 20 if LONG else 60
"""Each so-manieth export is sent to all databases."""

LARGE = 5000 if LONG else 1000

STEP = {"odd hires": 1 if LONG else 4}
"""Of the exports of a table each so-manieth is sent, where not all are."""

ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
"""What stands behind a backslash: one of ESCAPES, or a character that means itself, as MariaDB writes line breaks."""

TOOLS: dict[str, Callable[[Table], Iterator[Export]]] = {
    "pandas": pandas.exports,
    "polars": polars.exports,
    "pyarrow": pyarrow.exports,
    "sqlite3": sqlite.exports,
    "PostgreSQL": postgresql.exports,
    "MariaDB": mariadb.exports,
    "LibreOffice": libreoffice.exports,
}

TABLES: dict[str, Callable[[], Table]] = {
    "few departments": partial(example, "departments"),
    "odd hires": hires,
    **({name: partial(example, name) for name in ("jobs", "hired_employees")} if LONG else {}),
}


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("tool", TOOLS)
def test_export_ends_in_its_rows_or_in_advice_that_leads_to_them(
    server: Server, new_url: Callable[[], str], tool: str, table: str, subtests: pytest.Subtests
) -> None:
    url = new_url()
    client = start_client({"DATABASE_URL": url})

    for export in islice(TOOLS[tool](TABLES[table]()), 0, None, STEP.get(table, 1)):
        with subtests.test(export.way):
            problem = follow(client, export, partial(server.execute, url, f"DELETE FROM {export.table.name}"))
            assert problem is None, problem


@pytest.mark.parametrize("tool", ["pandas", "polars", "pyarrow", "sqlite3"])
def test_large_export_ends_in_the_same_rows_on_every_database(
    server: Server, new_url: Callable[[], str], tool: str, subtests: pytest.Subtests
) -> None:
    url = new_url()
    client = start_client({"DATABASE_URL": url})

    for export in islice(TOOLS[tool](hires(LARGE)), 0, None, SAMPLE):
        with subtests.test(export.way):
            problem = follow(client, export, partial(server.execute, url, "DELETE FROM hired_employees"))
            assert problem is None, problem


def follow(client: Client, export: Export, empty: Callable[[], object]) -> str | None:
    """Send an export, and again as the answer advises, until its rows are stored; return what went wrong, or None.

    Whatever is stored on the way is among the right rows. A word in place of nothing, or an escape in place of what it
    stands for, is taken for that where the answer says that it may be, and the file is then loaded anew with that said.
    """
    right = {tuple(row) for row in export.table.shown()}
    options: dict[str, str] = {}
    tried = []
    empty()
    for _ in range(ROUNDS):
        tried.append(options)
        answer = client.upload(export.table.name, export.content, None, **options)
        hints = [hint["options"] for hint in answer.get("hints", []) if hint["options"]]
        meant = partial(as_advised, hints)
        stored = {tuple(row) for row in client.rows(export.table.name)}
        wrong = stored - right
        if {tuple(map(meant, row)) for row in wrong} - right:
            return f"stored {sorted(wrong)[:4]} of {len(wrong)} wrong, tried {tried}"
        if wrong:
            empty()
        elif {row[0] for row in right - stored} <= set(export.lost) and (stored or export.told in answer["detail"]):
            return None
        more = [hint for hint in hints if options | hint not in tried and not said_otherwise(export, hint)]
        if more:
            if any(hint.keys() & more[0].keys() for hint in more[1:]):
                return f"two hints {more}, tried {tried}"
            options = options | more[0]
        elif export.told in str(answer) and not export.options.items() <= options.items():
            options = {**options, **export.options}
        else:
            break
    said = {name: answer[name] for name in ("detail", "hints") if name in answer}
    missing = sorted(row for row in right - stored if row[0] not in export.lost)
    return (
        f"{len(missing)} of {len(right)} missing: {missing[:2]}, tried {tried}, {said}, {answer.get('rejects', [])[:2]}"
    )


def as_advised(hints: list[dict[str, str]], value: str) -> str:
    """Return what a stored value is once the file is loaded as the hints say."""
    if any(value in hint["nulls"].split(",") for hint in hints if "nulls" in hint):
        return ""
    if any("escape" in hint for hint in hints):
        return ESCAPE.sub(lambda match: ESCAPES.get(match[1], match[1]), value).strip(" \t")
    return value


def said_otherwise(export: Export, hint: dict[str, str]) -> bool:
    return any(name in export.options and export.options[name] != value for name, value in hint.items())
