"""Files of many batches: what a database is sent them as changes on the way, and what is stored does not."""

import csv
import io
from collections.abc import Iterator
from itertools import chain, product
from random import Random

import pytest
from conftest import start_client
from servers.server import Server
from web_client import Client

from sql import open_database
from sql.mysql.inserts import BATCHES_TO_PREPARE

BATCH_ROWS = 4
BATCHES = 2 * BATCHES_TO_PREPARE + 5

NAMES = (
    "",
    "\\",
    "'",
    '"',
    "%s",
    "%",
    "?",
    "a,b",
    "x" * 250,
    "é" * 125,
    "é" * 126,
    "é" * 1000,
    "\U0001f600",
)
MOMENTS = ("", "1000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2021-07-27T16:02:08.25Z")
NUMBERS = ("", "0", "-1", "255", str(2**31), str(2**63 - 1), str(-(2**63)))

Hire = tuple[str, ...]


@pytest.fixture
def small(settings: dict[str, str], server: Server, client: Client) -> Iterator[Client]:
    """A client of a service with small batches, on an empty database."""
    server.empty(settings["DATABASE_URL"])
    return start_client(settings | {"BATCH_ROWS": str(BATCH_ROWS)})


def hires(number: int, first: int = 1) -> list[Hire]:
    """Return hires with ids from the first on, in which every value comes beside every other."""
    random = Random(number)
    values = [*product(NAMES, MOMENTS, NUMBERS, reversed(NUMBERS))]
    return [(str(key), *random.choice(values)) for key in range(first, first + number)]


def written(rows: list[Hire]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def stored(client: Client) -> list[Hire]:
    return [tuple(row) for row in client.rows("hired_employees")]


def test_each_value_of_each_batch_is_stored_as_it_was_sent(small: Client) -> None:
    sent = hires(BATCHES * BATCH_ROWS + 1)

    answer = small.upload("hired_employees", written(sent))

    assert answer["inserted"] == len(sent)
    assert stored(small) == sent


def test_batches_of_ids_that_are_stored_come_between_others(small: Client) -> None:
    """Of each four batches the third is there, and a row of the fourth; their rows come in another order."""
    sent = hires(BATCHES * BATCH_ROWS)
    Random(1).shuffle(sent)
    batches = [sent[start : start + BATCH_ROWS] for start in range(0, len(sent), BATCH_ROWS)]
    there = [*chain.from_iterable(batches[2::4]), *(batch[1] for batch in batches[3::4])]
    assert small.upload("hired_employees", written(there))["inserted"] == len(there)

    answer = small.upload("hired_employees", written(sent))

    assert answer["inserted"] == len(sent) - len(there)
    assert answer["skipped_duplicates"] == [int(row[0]) for row in sent if row in there]
    assert stored(small) == sorted(sent, key=lambda row: int(row[0]))


def test_batches_change_their_size_where_rows_are_refused(small: Client) -> None:
    """So many batches are whole, so many have a refused row, and the rest are whole again."""
    sent = hires(3 * BATCHES * BATCH_ROWS)
    middle = range(BATCHES * BATCH_ROWS, 2 * BATCHES * BATCH_ROWS, BATCH_ROWS)
    refused = [(sent[place][0], "no moment", "yesterday", "", "") for place in middle]
    file = [*sent]
    file[middle.start : middle.stop : BATCH_ROWS] = refused

    answer = small.upload("hired_employees", written(file))

    assert (answer["inserted"], answer["rejected"]) == (len(sent) - len(refused), len(refused))
    assert stored(small) == [row for row in file if row not in refused]


def test_batch_of_more_than_a_driver_sends_at_once_is_stored(small: Client, settings: dict[str, str]) -> None:
    """A thousand rows of 300 characters."""
    client = start_client(settings)
    sent = [(str(key), "é" * 300, "", "", "") for key in range(1, 1001)]

    assert client.upload("hired_employees", written(sent))["inserted"] == len(sent)

    assert stored(client) == sent


@pytest.mark.parametrize("server", ["postgresql", "mysql"], indirect=True)
def test_batch_is_looked_up_first_only_behind_one_that_met_stored_ids(settings: dict[str, str], small: Client) -> None:
    small.get("/tables")
    database = open_database(settings["DATABASE_URL"], 20)
    jobs = database.tables["jobs"]
    looked: list[bool] = []

    with database.connection() as connection:
        for first in (1, 101, 1, 1, 201, 301):
            looked.append(connection.looks_first)
            rows = {key: (key, "Job") for key in range(first, first + 50)}
            with connection.transaction():
                stored = database.store(connection, jobs, rows, lambda: None)
            assert len(stored) == (50 if looked[1:] and first == 1 else 0)
    database.close()

    assert looked == [False, False, False, True, True, False]


def test_rows_are_looked_up_by_their_ids_alone(settings: dict[str, str], small: Client) -> None:
    small.upload("jobs", b"".join(b"%d,Job %d\n" % (key, key) for key in range(1, 11)))
    database = open_database(settings["DATABASE_URL"], 20)
    jobs = database.tables["jobs"]

    with database.connection() as connection:
        found = [database.stored(connection, jobs, ids) for ids in ([6, 2, 4], [4, 40], [11, 12], [])]
    database.close()

    assert found == [{key: (key, f"Job {key}") for key in keys} for keys in ([2, 4, 6], [4], [], [])]


def test_row_that_a_rule_of_the_table_refuses_ends_the_upload_with_what_was_stored(
    server: Server, settings: dict[str, str], small: Client
) -> None:
    sent = hires(BATCHES * BATCH_ROWS)
    last = sent[-2]
    url = settings["DATABASE_URL"]
    if server.name == "sqlite":
        rule = f"CREATE TRIGGER kept BEFORE INSERT ON hired_employees WHEN NEW.id = {last[0]} BEGIN SELECT RAISE(IGNORE); END"
        end = "DROP TRIGGER kept"
    else:
        rule = f"ALTER TABLE hired_employees ADD CONSTRAINT kept CHECK (id <> {last[0]})"
        end = "ALTER TABLE hired_employees DROP CONSTRAINT kept"
    server.execute(url, rule)
    try:
        small.upload("hired_employees", written(sent), status=422)
    finally:
        server.execute(url, end)

    assert stored(small) == sent[:-BATCH_ROWS]
    assert small.upload("hired_employees", written(sent))["inserted"] == BATCH_ROWS
    assert stored(small) == sent


@pytest.mark.parametrize("server", ["mysql"], indirect=True)
def test_server_that_prepares_no_more_statements_is_sent_text(
    server: Server, settings: dict[str, str], small: Client
) -> None:
    sent = hires(BATCHES * BATCH_ROWS)
    url = settings["DATABASE_URL"]
    ((most,),) = server.execute(url, "SELECT @@max_prepared_stmt_count")
    small.get("/tables")  # a start prepares each statement
    server.execute(url, "SET GLOBAL max_prepared_stmt_count = 0")
    try:
        answer = small.upload("hired_employees", written(sent))
    finally:
        server.execute(url, f"SET GLOBAL max_prepared_stmt_count = {most}")

    assert answer["inserted"] == len(sent)
    assert stored(small) == sent
