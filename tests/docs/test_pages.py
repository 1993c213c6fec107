"""The pages of docs/: their commands are run as they stand, and what they name is there."""

import json
import os
import re
import shlex
import signal
import subprocess
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from console import check_commands
from ports import free_port
from project import PROJECT
from served import Served
from servers.server import Server
from waits import PATIENCE, until
from web_client import HEALTHY, Client

from handlers.receive.options import described_options
from rows.options import Options

DOCS = PROJECT / "docs"
PAGES = [PROJECT / "README.md", PROJECT / "SECURITY.md", *sorted(DOCS.glob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's titles, as the places that show Markdown make them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("name", "least"), [("uploads", 6), ("refused", 3), ("correcting", 6)])
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_commands_of_a_page_print_what_it_shows(serve: Callable[..., Served], name: str, least: int) -> None:
    served = serve().wait()
    for table in ("departments", "jobs", "hired_employees"):
        assert served.upload(table, (PROJECT / f"examples/{table}.csv").read_bytes())[0] == 200

    check_commands((DOCS / f"{name}.md").read_text(), served.port, PROJECT, least=least)


@pytest.mark.parametrize("server", ["postgresql", "mysql"], indirect=True)
def test_database_is_chosen_by_the_line_of_the_page(server: Server, new_url: Callable[[], str]) -> None:
    lines = (DOCS / "databases.md").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(f"DATABASE_URL={server.name}://")]
    line = re.sub(r"(?<==)\S+", lambda _: shlex.quote(new_url()), line, count=1)
    port = free_port()

    running = subprocess.Popen(line, shell=True, cwd=PROJECT, env=os.environ | {"PORT": str(port)}, process_group=0)
    try:
        health = until(lambda: answer_at(f"http://127.0.0.1:{port}/health"))
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(PATIENCE)

    assert health == HEALTHY


def answer_at(url: str) -> Any:
    """Return the JSON at a URL, None while nothing answers."""
    with suppress(OSError), urllib.request.urlopen(url) as answer:
        return json.load(answer)
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text()):
        if "://" not in path:
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), path
            assert not anchor or anchor in anchors_of(target), f"{path}#{anchor}"


def test_every_page_is_one_that_the_readme_leads_to() -> None:
    readme = (PROJECT / "README.md").read_text()

    assert [page.name for page in DOCS.glob("*.md") if f"(docs/{page.name})" not in readme] == []


def test_readme_is_short() -> None:
    assert len((PROJECT / "README.md").read_text().splitlines()) <= 150


def test_report_that_is_added_is_the_one_that_is_tested() -> None:
    report = (PROJECT / "tests/databases/added/sqlite/stats/hires-per-job-{year}.sql").read_text()

    assert f"```sql\n{report}```" in (DOCS / "reports-and-tables.md").read_text()


def test_every_option_is_explained() -> None:
    page = (DOCS / "options.md").read_text()

    assert [name for name in described_options(Options()) if f"\n| `{name}` |" not in page] == []


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_every_metric_is_explained(client: Client) -> None:
    named = re.findall(r"^# TYPE (loadbay_\w+(?<!_created)) ", client.app.get("/metrics").text, re.MULTILINE)
    page = (DOCS / "operate.md").read_text()

    assert len(named) > 12
    assert [name for name in named if f"`{name}`" not in page] == []


def test_every_alert_is_explained() -> None:
    alerts = re.findall(r"- alert: (\w+)", (PROJECT / "deploy/alerts.yaml").read_text())
    page = (DOCS / "operate.md").read_text()

    assert [alert for alert in alerts if f"| `{alert}` |" not in page] == []
