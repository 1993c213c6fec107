"""docs/aws.md: it names what the template and the functions have, and its lines for a link work as they stand."""

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from functions import aws, start
from gateway import through
from project import PROJECT
from required import skip
from runtime import Function
from s3 import Aws
from stack import resources, template
from web_client import Client
from werkzeug.serving import make_server

from aws import api, environment, load
from settings import read_settings
from sql.ledger.uploads import STATUSES

DOCS = PROJECT / "docs"
PAGE = (DOCS / "aws.md").read_text()
TOKEN = "a-token-of-the-tests"


LINES = re.findall(r"runs these lines -->\n```sh\n(.*)\n(.*)\n(.*)\n```", PAGE)[0]
"""What asks for a link, sends a file by it, and looks for the account."""


def table(header: str) -> list[list[str]]:
    """Return the rows of the table that has a header."""
    (rows,) = re.findall(rf"^\| {re.escape(header)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows.splitlines()]


def names(header: str) -> list[str]:
    """Return the names in the first column of a table."""
    return [row[0].strip("`") for row in table(header)]


def test_parameters_and_their_defaults_are_those_of_the_template() -> None:
    written = {row[0].strip("`"): row[1].strip("`") for row in table("parameter")}

    assert written == {name: str(one["Default"]) or "none" for name, one in template()["Parameters"].items()}


def test_outputs_and_alarms_are_those_of_the_template() -> None:
    assert set(names("output")) == set(template()["Outputs"])
    assert set(names("alarm")) == set(resources("AWS::CloudWatch::Alarm"))


def test_what_becomes_of_a_file_is_a_status_of_the_ledger() -> None:
    ledger = [row[1] for row in table("what happens")]

    assert {cell.split("`")[1] for cell in ledger if cell.startswith("`")} == {
        "finished", "stopped", "refused", "running",
    }  # fmt: skip
    assert set(re.findall(r"is shown as `(\w+)`", PAGE)) == {"interrupted"}
    assert set(STATUSES) >= {"finished", "stopped", "refused", "running", "interrupted"}


def test_settings_and_their_defaults_are_those_of_the_functions() -> None:
    written = {row[0].strip("`"): row[1:3] for row in table("name")}
    mine = {"UPLOAD_BUCKET", "DATABASE_SECRET_ARN", "API_TOKEN_SECRET_ARN"}

    for name in {*api.DEFAULTS, *load.DEFAULTS, *environment.DEFAULTS}:
        found = [{**environment.DEFAULTS, **entry.DEFAULTS}.get(name) for entry in (api, load)]
        assert written[name][1] == (found[1] or written[name][1])
        assert written[name][0] in (found[0], "four times that")
    assert written["MAX_UPLOAD_BYTES"][1] == str(read_settings({}).upload_bytes_max)
    assert written["LINK_BYTES_MAX"] == [str(environment.LINK_BYTES_MAX), ""]
    assert written["LINK_SECONDS"] == [str(environment.LINK_SECONDS), ""]
    assert written["RESERVE_MS"] == ["", str(load.RESERVE_MS)]
    assert mine <= set(written)


def test_picture_is_drawn_from_its_text() -> None:
    drawn = set(re.findall(r"<text[^>]*>(.*?)</text>", (DOCS / "aws.svg").read_text()))
    labels = re.findall(r'label="(.*?)"', (DOCS / "aws.dot").read_text())

    assert {unescape(text) for text in drawn} == {line for label in labels for line in label.split("\\n")}


@pytest.fixture
def url(start: Callable[..., Function]) -> Iterator[str]:
    """Where API Gateway listens, with the function behind it."""
    function = start("aws.api.handler", API_TOKEN=TOKEN)
    server = make_server("127.0.0.1", 0, through(lambda event, _: function.invoke(event), "1.0"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/prod"
    server.shutdown()
    server.server_close()


@pytest.mark.aws
@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_lines_for_a_link_send_a_file_and_show_its_account(
    url: str, start: Callable[..., Function], aws: Aws, client: Client, tmp_path: Path
) -> None:
    if not shutil.which("jq"):
        skip("no jq: apt-get install jq")
    client.upload("departments", "1,Sales\n")
    client.upload("jobs", "1,Clerk\n")
    (tmp_path / "hires.csv").write_text("1,Ana,2021-07-27T16:02:08Z,1,1\n2,,2021-07-27T16:02:08Z,1,1\n")
    ask, send, look = LINES

    shell = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", f'{ask}\n{send}\njq -r .key <<< "$link"\nread -r\n{look}'],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "URL": url, "TOKEN": TOKEN},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    key = shell.stdout.readline().strip()
    answer = start("aws.load.handler").invoke(aws.event(key))
    [upload] = json.loads(shell.communicate("\n")[0])

    assert shell.returncode == 0
    assert answer == {"batchItemFailures": []}
    assert (upload["inserted"], upload["rejected"], upload["status"]) == (1, 1, "finished")
    assert (upload["table"], upload["options"]) == ("hired_employees", {"strict": True})
