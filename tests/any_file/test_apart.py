"""Files that a process of its own reads: every answer is the one, to the byte, that the worker's own reading gives."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from conftest import OPENED, start_client
from hypothesis import given
from hypothesis import strategies as st
from made_up_files import Sent, files, long_records
from servers.server import Server
from test_properties import any_files
from web_client import Client

PROJECT = Path(__file__).parents[2]
CASES = Path(__file__).parents[1] / "files" / "uploads"
WAYS = ("", "strict=true", "atomic=true", "dry_run=true", "on_conflict=refuse", "on_conflict=update")

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The commands of the processes that were started to read."""
    commands: list[Any] = []

    def start(command: Any, **rest: Any) -> Popen[bytes]:
        commands.append(command)
        return Popen(command, **rest)

    monkeypatch.setattr("rows.reading.apart.Popen", start)
    return commands


Answers = Callable[[str, bytes], list[Any]]


@pytest.fixture(scope="session")
def answers_of(server: Server) -> Iterator[Answers]:
    """What returns all that is answered to a file, sent twice behind what its table has, when it is read apart or not."""
    ways: dict[str, dict[str, str]] = {"here": {"READERS_MAX": "0"}, "apart": {"READER_BYTES_MIN": "0"}}
    urls = {way: server.create() for way in ways}
    clients = {way: start_client({"DATABASE_URL": urls[way], "BATCH_ROWS": "3", **ways[way]}) for way in ways}
    databases = [OPENED.pop() for _ in ways]

    def answers(target: str, content: bytes) -> list[Any]:
        found = []
        for way, client in clients.items():
            server.empty(urls[way])
            client.upload("departments", "1,Sales\n2,Legal\n")
            client.upload("jobs", "1,Clerk\n2,Agent\n")
            found.append([*all_answers(client, target, content), *all_answers(client, target, content)])
        return found

    yield answers
    for database in databases:
        database.close()
    for url in urls.values():
        server.drop(url)


def all_answers(client: Client, target: str, content: bytes) -> Iterator[Any]:
    upload = client.app.post(
        f"/upload/{target}", upload_files=[("file", "file.csv", content)], expect_errors=True, status="*"
    )
    yield upload.status, upload.body
    if "upload_id" in upload.json:
        for name in ("rejects.csv", "ids.csv"):
            yield client.app.get(f"/uploads/{upload.json['upload_id']}/{name}").body
        entry = client.get(f"/uploads/{upload.json['upload_id']}")
        yield {name: value for name, value in entry.items() if not name.endswith("_at")}
    yield client.rows(target.partition("?")[0])


def in_way(target: str, way: str) -> str:
    return f"{target}{'&' if '?' in target else '?'}{way}"


@pytest.mark.parametrize(
    ("case", "way"),
    [*zip(sorted(CASES.iterdir()), cycle(WAYS), strict=False)],
    ids=lambda value: getattr(value, "name", value),
)
def test_case_is_answered_alike(answers_of: Answers, started: list[Any], case: Path, way: str) -> None:
    target, content = (case / "query").read_text().strip(), (case / "file.csv").read_bytes()

    here, apart = answers_of(in_way(target, way), content)

    assert apart == here
    read_apart = 2 * (json.loads(here[0][1]).get("read", 0) > 0)  # else the file is refused before that
    assert len(started) == 2 + read_apart  # those of the departments and jobs are two


@any_files
@given(files() | long_records(), st.sampled_from(WAYS))
def test_any_file_is_answered_alike(answers_of: Answers, sent: Sent, way: str) -> None:
    options = "&".join(f"{name}={value}" for name, value in sent.options.items() if name not in way)

    here, apart = answers_of(in_way(f"{sent.table}?{options}", way), sent.content)

    assert apart == here


@pytest.mark.parametrize("place", [0, 2, 7])
def test_file_with_a_record_too_long_for_the_process_is_answered_alike(
    answers_of: Answers, started: list[Any], place: int
) -> None:
    records = [f"{key},Clerk {key}" for key in range(10)]
    records[place] = f'{place},"{"x" * 200_000}"'

    here, apart = answers_of("jobs", "\n".join(records).encode())

    assert apart == here
    assert len(started) == 2 + 2  # those of the departments and jobs, too


SENT_AGAIN = (
    "id;job;_line;_column;_code;_reason;_delimiter;_record\n"
    "7;Clerk;1;;;;,;\n"
    ";;2;;wrong_field_count;;,;8,Agent,more\n"
    ";;3;id;not_an_integer;;,;x,Agent\n"
)
"""Refused rows, of which two stand as they were sent, with another delimiter than this file's."""


@pytest.mark.parametrize("way", WAYS)
def test_refused_rows_that_are_sent_again_are_answered_alike(answers_of: Answers, way: str) -> None:
    here, apart = answers_of(in_way("jobs", way), SENT_AGAIN.encode())

    assert json.loads(here[0][1])["rejected"] == 2
    assert apart == here


@pytest.mark.parametrize(("size", "processes"), [(999, 0), (1000, 1)])
def test_file_is_read_apart_from_a_size_on(
    settings: dict[str, str], started: list[Any], size: int, processes: int
) -> None:
    client = start_client(settings | {"READER_BYTES_MIN": "1000"})

    answer = client.upload("jobs", b"1,Clerk\n2," + b"x" * (size - 11) + b"\n")

    assert answer["inserted"] == 2
    assert len(started) == processes


@pytest.mark.parametrize("name", ["falcon", "gunicorn", "sqlite3", "psycopg", "sql", "handlers"])
def test_process_that_reads_loads_nothing_of_the_service(server: Server, name: str) -> None:
    said = f"import rows.reading.process, sys; print({name!r} in sys.modules)"

    assert subprocess.check_output([sys.executable, "-c", said], cwd=PROJECT, text=True) == "False\n"
