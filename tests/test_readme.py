"""The README: its commands are run as they stand, and print what it shows."""

import re
import subprocess
from collections.abc import Callable

import faults_table
import pytest
from conftest import LINES, PROJECT, Client, Served
from console import check_commands
from servers import PATIENCE, free_port

README = (PROJECT / "README.md").read_text()


def test_commands_print_what_the_readme_shows(serve: Callable[..., Served]) -> None:
    served = serve().wait()

    check_commands(README, served.port, PROJECT, least=9)


def test_demo_prints_the_same_answers() -> None:
    port = free_port()
    ran = subprocess.run(
        ["make", "--silent", "demo", f"PORT={port}"], cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE
    )

    assert ran.returncode == 0, ran.stderr
    for table in ("departments", "hired_employees"):
        command = f"$ curl -sF file=@examples/{table}.csv localhost:8000/upload/{table}\n"
        shown = README[README.index(command) :].split("\n```")[0].split("\n$ ")[0]
        assert shown.removeprefix("$ ") in ran.stdout.replace(f"localhost:{port}", "localhost:8000")


def test_report_of_the_readme_is_the_one_that_is_tested() -> None:
    report = (PROJECT / "tests/databases/added/sqlite/stats/hires-per-job-{year}.sql").read_text()

    assert f"```sql\n{report}```" in README


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_every_url_is_in_the_readme(client: Client) -> None:
    for url in client.get("/"):
        assert f"`{url}`" in README


def test_faults_that_are_tried_are_in_their_table(pytestconfig: pytest.Config) -> None:
    cells = [
        line.strip("| ").split(" | ") for line in faults_table.PAGE.read_text().splitlines() if line.startswith("|")
    ]

    assert pytestconfig.stash[LINES] <= {faults_table.Line(line[0], line[1], line[-1]) for line in cells}


def test_figures_of_the_readme_are_those_that_were_measured() -> None:
    section = README.split("## How fast\n")[1].split("\n## ")[0]
    measured = re.findall(r"\| (\d+\.\d\d) \|$", (PROJECT / "bench/results.md").read_text(), re.MULTILINE)

    assert re.findall(r"\d+\.\d\d", section) == measured
