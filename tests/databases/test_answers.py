"""Reports that are remembered: the answer is always that of the database as it is now, whoever wrote to it."""

import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import close_clients, start_client
from required import REQUIRED
from served import Served
from web_client import Client

from handlers.answer.remembered import ANSWER_BYTES_MAX, ANSWERS_MAX, Answers
from sql import sqlite
from sql.files.statements import Statement

URL = "/stats/top-departments-hired"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a database of SQLite, the only one that says whether anything was written."""
    return tmp_path / "loadbay.db"


@pytest.fixture
def on_file(file: Path) -> Iterator[Client]:
    client = start_client({"DATABASE_URL": f"sqlite:///{file}"})
    client.upload("departments", "1,Sales\n2,Empty\n")
    client.upload("hired_employees", "1,a,2021-01-01,1,1\n")
    yield client
    close_clients()


def test_entity_tag_is_the_same_until_the_answer_changes(client: Client) -> None:
    client.upload("departments", "1,Sales\n2,Empty\n")
    client.upload("hired_employees", "1,a,2021-01-01,1,1\n")
    first = client.app.get(URL)

    again = client.app.get(URL, headers={"If-None-Match": first.headers["ETag"]}, status=304)
    either = client.app.get(URL, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'}, status=304)
    as_csv = client.app.get(URL, headers={"If-None-Match": first.headers["ETag"], "Accept": "text/csv"})
    client.upload("hired_employees", "2,b,2021-01-01,1,1\n")
    changed = client.app.get(URL, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.body, either.body) == (b"", b"")
    assert again.headers["ETag"] == first.headers["ETag"] != changed.headers["ETag"]
    assert {answer.headers["Cache-Control"] for answer in (first, again, changed)} == {"private, no-cache"}
    assert {answer.headers["Vary"] for answer in (first, again, changed)} == {"Accept"}
    assert as_csv.body == b"id,department,hired\r\n1,Sales,1\r\n"
    assert changed.json == [{"id": 1, "department": "Sales", "hired": 2}]


def test_report_after_each_upload_has_it_on_every_worker(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="2").wait()
    served.upload("departments", b"1,Sales\n2,Empty\n")
    done = threading.Event()

    def keep_asking() -> None:
        while not done.is_set():
            served.get(URL)

    asking = [threading.Thread(target=keep_asking) for _ in range(3)]
    for thread in asking:
        thread.start()
    found = []
    for number in range(1, 41):
        served.upload("hired_employees", f"{number},a,2021-01-01,1,1\n".encode())
        found.append([served.get(URL) for _ in range(4)])
    done.set()
    for thread in asking:
        thread.join()

    assert found == [[[{"id": 1, "department": "Sales", "hired": number}]] * 4 for number in range(1, 41)]


def test_report_has_what_another_program_wrote(on_file: Client, file: Path) -> None:
    if not shutil.which("sqlite3"):
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)("no sqlite3 shell: apt-get install sqlite3")
    before = on_file.get(URL)

    subprocess.run(
        ["sqlite3", file, "INSERT INTO hired_employees VALUES (2, 'b', '2021-01-01T00:00:00Z', 1, 1)"], check=True
    )

    assert (before[0]["hired"], on_file.get(URL)[0]["hired"]) == (1, 2)


def test_report_is_that_of_a_file_put_in_the_place_of_the_database(on_file: Client, file: Path) -> None:
    other = file.with_name("other.db")
    with closing(sqlite3.connect(file)) as connection, closing(sqlite3.connect(other)) as copy:
        connection.backup(copy)
        copy.execute("UPDATE departments SET department = 'Bought'")
        copy.commit()
    before = on_file.get(URL)

    other.replace(file)

    assert (before[0]["department"], on_file.get(URL)[0]["department"]) == ("Sales", "Bought")


@pytest.mark.parametrize(
    ("text", "is_remembered"),
    [
        ("SELECT count(*) FROM sqlite_master", True),
        ("SELECT substr('2021', 1, 2), printf('%d', :year)", True),
        ("SELECT random()", False),
        ("SELECT date('now')", False),
        ("SELECT Strftime('%Y', :moment)", False),
        ("SELECT CURRENT_TIMESTAMP", False),
        ("WITH chances AS (SELECT randomblob(1) AS chance) SELECT hex(chance) FROM chances", False),
    ],
)
def test_report_that_may_change_by_itself_is_not_remembered(
    on_file: Client, file: Path, text: str, is_remembered: bool
) -> None:
    pool = sqlite.open_pool(f"sqlite:///{file}", 5, 0)

    version = pool.version(Statement("report", text, (), Path()))

    pool.close()
    assert (version is not None) == is_remembered


def made_by(bodies: Callable[[], bytes]) -> tuple[list[bytes], Callable[[], bytes]]:
    """Return a list, and what puts each body that it makes into it."""
    made: list[bytes] = []

    def make() -> bytes:
        made.append(bodies())
        return made[-1]

    return made, make


def test_answer_is_made_once_a_version() -> None:
    made, make = made_by(lambda: b"[]")
    answers = Answers()

    for version in (1, 1, 1, 2, 2, 1):
        answers.get("report", lambda version=version: version, make)

    assert len(made) == 3


def test_answer_is_made_each_time_where_nobody_knows_the_version() -> None:
    made, make = made_by(lambda: b"[]")
    answers = Answers()

    for _ in range(3):
        answers.get("report", lambda: None, make)

    assert len(made) == 3


def test_answer_that_was_overtaken_by_a_write_is_not_remembered() -> None:
    version = 1

    def body() -> bytes:
        nonlocal version
        version = 2
        return b"[]"

    answers = Answers()
    answers.get("report", lambda: version, body)
    version = 1

    assert answers.get("report", lambda: version, lambda: b"[1]").body == b"[1]"


def test_only_the_latest_answers_are_remembered() -> None:
    made, make = made_by(lambda: b"[]")
    answers = Answers()

    for asked in (*range(ANSWERS_MAX), 0, ANSWERS_MAX, 0, 1):
        answers.get(asked, lambda: 1, make)

    assert len(made) == ANSWERS_MAX + 2


def test_large_answer_is_not_remembered() -> None:
    made, make = made_by(lambda: bytes(ANSWER_BYTES_MAX + 1))
    answers = Answers()

    for _ in range(2):
        answers.get("report", lambda: 1, make)

    assert len(made) == 2
