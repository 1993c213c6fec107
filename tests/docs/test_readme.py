"""The README: its commands are run as they stand, and print what it shows."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import faults_table
import pytest
from conftest import LINES
from console import check_commands
from ports import free_port
from project import PROJECT, copy_examples
from served import Served
from waits import PATIENCE
from web_client import Client

import service

README = (PROJECT / "README.md").read_text()


def test_commands_print_what_the_readme_shows(serve: Callable[..., Served], tmp_path: Path) -> None:
    served = serve().wait()
    shutil.copytree(PROJECT / "client", tmp_path / "client")
    copy_examples(tmp_path / "examples")

    check_commands(README, served.port, tmp_path, least=3)


def test_demo_prints_the_same_answers() -> None:
    port = free_port()
    ran = subprocess.run(
        ["make", "--silent", "demo", f"PORT={port}"], cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE
    )

    assert ran.returncode == 0, ran.stderr
    command = "$ curl -sF file=@examples/hired_employees.csv localhost:8000/upload/hired_employees\n"
    shown = README[README.index(command) :].split("\n```")[0].removeprefix("$ ")
    shown = shown.replace('"upload_id": 1', '"upload_id": 3').replace(
        "/uploads/1/", "/uploads/3/"
    )  # it is the third there
    assert shown in ran.stdout.replace(f"localhost:{port}", "localhost:8000")


def test_newest_release_of_the_changelog_is_that_of_the_service() -> None:
    releases = re.findall(r"^## \[(.*)\] - (\d{4}-\d\d-\d\d)$", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert releases[0][0] == service.VERSION


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_every_url_is_in_the_readme(client: Client) -> None:
    for url in client.get("/"):
        assert f"`{url}`" in README


def test_faults_that_are_tried_are_in_their_table(pytestconfig: pytest.Config) -> None:
    cells = [
        line.strip("| ").split(" | ") for line in faults_table.PAGE.read_text().splitlines() if line.startswith("|")
    ]

    assert pytestconfig.stash[LINES] <= {faults_table.Line(line[0], line[1], line[-1]) for line in cells}


def test_figures_of_the_readme_are_the_worse_of_two_runs() -> None:
    runs = (PROJECT / "bench/results.md").read_text().split("## The run before")
    measured = [max(both) for both in zip(*map(ratios, runs), strict=True)]
    (row,) = [line for line in README.splitlines() if line.startswith("| Loadbay's time for a million hires")]
    beside_sqlite, _, pandas, beside_postgresql, pgloader, beside_mariadb = measured[:6]

    assert re.findall(r"\d+\.\d\d", (PROJECT / "docs/speed.md").read_text()) == measured
    assert re.findall(r"\d+\.\d\d", row) == [beside_postgresql, beside_sqlite, beside_mariadb, pandas, pgloader]


def ratios(run: str) -> list[str]:
    return re.findall(r"\| (\d+\.\d\d) \|$", run, re.MULTILINE)
