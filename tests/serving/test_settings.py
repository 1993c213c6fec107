"""Settings: each from its environment variable, and a bad one stops the start with a sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import start_client
from project import PROJECT
from served import Served
from waits import PATIENCE
from web_client import HEALTHY

import service
from settings import SECRETS, read_settings

ADDRESS = "needs an API_TOKEN: without one only 127.0.0.1, ::1 or localhost"
TOKEN = "API_TOKEN is unusable: expected 16 or more of the characters A-Z a-z 0-9 . _ ~ + / = -"
POSTGRESQL_URL = (
    "DATABASE_URL is no URL of PostgreSQL: expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with other "
    "characters than letters and digits percent-encoded"
)
MYSQL_URL = (
    "DATABASE_URL is no URL of MySQL: expected mysql://USER:PASSWORD@HOST:PORT/DATABASE, or several HOST:PORT with "
    "commas, with other characters than letters and digits percent-encoded, and behind a question mark only "
    "unix_socket, ssl_ca, ssl_cert, ssl_key, load_balance_hosts=disable|random"
)


def test_defaults_need_no_environment() -> None:
    settings = read_settings({})

    assert (settings.database_url, settings.host, settings.port) == ("sqlite:///loadbay.db", "127.0.0.1", 8000)
    assert (settings.options.batch_rows, settings.options.rejects_max) == (1000, 10_000)


@pytest.mark.parametrize("threads", [5, 6, 7, 9, 40, 256])
def test_threads_are_left_beside_all_that_may_hold_one_for_long(threads: int) -> None:
    settings = read_settings({"THREADS": str(threads)})

    places = (settings.uploads_max, settings.exports_max, settings.reports_max, settings.sends_max)
    assert min(places) > 0
    assert sum(places) < threads


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"BATCH_ROWS": "1001"}, "BATCH_ROWS is '1001': expected an integer from 1 to 1000"),
        ({"BATCH_ROWS": "0"}, "BATCH_ROWS is '0': expected an integer from 1 to 1000"),
        ({"HEADER_CHARS_MAX": "1048577"}, "HEADER_CHARS_MAX is '1048577': expected an integer from 1 to 1048576"),
        (
            {"HEADER_CHARS_MAX": "101", "RECORD_CHARS_MAX": "100"},
            "HEADER_CHARS_MAX is '101': expected an integer from 1 to 100",
        ),
        ({"REJECTS_BYTES_MAX": "64M"}, "REJECTS_BYTES_MAX is '64M': expected an integer from 0 to 1099511627776"),
        ({"LEDGER_DAYS": "0"}, "LEDGER_DAYS is '0': expected an integer from 1 to 36500"),
        ({"LEDGER_DAYS": ""}, "LEDGER_DAYS is '': expected an integer from 1 to 36500"),
        ({"PORT": "http"}, "PORT is 'http': expected an integer from 1 to 65535"),
        ({"PORT": ""}, "PORT is '': expected an integer from 1 to 65535"),
        ({"THREADS": "2"}, "THREADS is '2': expected an integer from 5 to 256"),
        ({"THREADS": "6", "UPLOADS_MAX": "3"}, "UPLOADS_MAX is '3': expected an integer from 1 to 2"),
        ({"THREADS": "8", "EXPORTS_MAX": "3"}, "EXPORTS_MAX is '3': expected an integer from 1 to 2"),
        ({"THREADS": "8", "REPORTS_MAX": "3"}, "REPORTS_MAX is '3': expected an integer from 1 to 2"),
        ({"THREADS": "8", "SENDS_MAX": "3"}, "SENDS_MAX is '3': expected an integer from 1 to 2"),
        ({"SEND_RATE_MIN": "0"}, "SEND_RATE_MIN is '0': expected an integer from 1 to 2147483648"),
        ({"MAX_UPLOAD_BYTES": "1GB"}, "MAX_UPLOAD_BYTES is '1GB': expected an integer from 1 to 1099511627776"),
        (
            {"MAX_UPLOAD_BYTES": "1000", "SPOOL_BYTES_MAX": "1999"},
            "SPOOL_BYTES_MAX is 1999: expected at least 2000, twice MAX_UPLOAD_BYTES, since a zip is kept beside what it "
            "unpacks to",
        ),
        ({"SPOOL_BYTES_MAX": "4GB"}, "SPOOL_BYTES_MAX is '4GB': expected an integer from 1 to 1125899906842624"),
        ({"WEB_CONCURRENCY": "１"}, "WEB_CONCURRENCY is '１': expected an integer from 1 to 256"),
        ({"GRACEFUL_TIMEOUT": "0"}, "GRACEFUL_TIMEOUT is '0': expected an integer from 1 to 86400"),
        (
            {"API_TOKEN_FILE": "/no/such"},
            "API_TOKEN_FILE is '/no/such', which cannot be read: No such file or directory",
        ),
        ({"DATABASE_URL_FILE": "/"}, "DATABASE_URL_FILE is '/', which cannot be read: Is a directory"),
        ({"DATABASE_URL_FILE": "/bin/true"}, "DATABASE_URL_FILE is '/bin/true', which cannot be read: no text"),
        ({"API_TOKEN_FILE": "/dev/null"}, TOKEN),
        ({"BODY_TIMEOUT": "-1"}, "BODY_TIMEOUT is '-1': expected an integer from 1 to 86400"),
        ({"API_TOKEN": ""}, TOKEN),
        ({"API_TOKEN": "short"}, TOKEN),
        ({"API_TOKEN": "correct-horse-battery", "API_READ_TOKEN": "short"}, TOKEN.replace("API_", "API_READ_")),
        (
            {"API_READ_TOKEN": "correct-horse-battery"},
            "API_READ_TOKEN needs an API_TOKEN beside it, which is another one",
        ),
        (
            {"API_TOKEN": "correct-horse-battery", "API_READ_TOKEN": "correct-horse-battery"},
            "API_READ_TOKEN needs an API_TOKEN beside it, which is another one",
        ),
        ({"API_TOKEN": "with a blank in it, long"}, TOKEN),
        ({"HOST": "0.0.0.0"}, f"Listening on 0.0.0.0 {ADDRESS}"),
        ({"HOST": "loadbay.example"}, f"Listening on loadbay.example {ADDRESS}"),
    ],
    ids=str,
)
def test_bad_setting_ends_the_process_with_a_sentence(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(SystemExit) as stop:
        read_settings(environ)

    assert stop.value.code == sentence


def test_spools_have_room_for_several_of_the_largest_files_unless_it_is_set() -> None:
    assert read_settings({}).spool_bytes_max == 4 * 2**30
    assert read_settings({"MAX_UPLOAD_BYTES": "1000"}).spool_bytes_max == 4000
    assert read_settings({"MAX_UPLOAD_BYTES": "1000", "SPOOL_BYTES_MAX": "2000"}).spool_bytes_max == 2000


def test_token_opens_other_addresses() -> None:
    assert read_settings({"HOST": "0.0.0.0", "API_TOKEN": "correct-horse-battery"}).host == "0.0.0.0"


def test_secret_of_a_file_counts_more_than_the_environment(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("correct-horse-battery\n")
    (tmp_path / "url").write_text("postgresql://u:p@h/d")
    files = {"API_TOKEN_FILE": str(tmp_path / "token"), "DATABASE_URL_FILE": str(tmp_path / "url")}

    settings = read_settings({"DATABASE_URL": "sqlite:////data/loadbay.db", "HOST": "0.0.0.0", **files})

    assert (settings.api_token, settings.database_url) == ("correct-horse-battery", "postgresql://u:p@h/d")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("oracle://x", "DATABASE_URL begins with 'oracle', which is not one of mysql, postgresql, sqlite"),
        ("secret", "DATABASE_URL begins with what is not one of mysql, postgresql, sqlite"),
        ("postgresql://u:secret@h/d?colour=red", POSTGRESQL_URL),
        ("postgresql://u:sec/ret@h/d", POSTGRESQL_URL),
        ("mysql://u:secret@h/d?colour=red", MYSQL_URL),
        ("mysql://u:sec/ret@h/d", MYSQL_URL),
        ("mysql://u:secret@h", MYSQL_URL),
        ("mysql://u:secret@h,/d", MYSQL_URL),
        ("mysql://u:secret@h:1,i:x/d", MYSQL_URL),
        ("mysql://u:secret@h/d?load_balance_hosts=any", MYSQL_URL),
        ("sqlite:loadbay.db", "DATABASE_URL is sqlite:loadbay.db: expected sqlite:///FILE, or sqlite:////FILE from the root"),
        ("sqlite:///:memory:", "DATABASE_URL is sqlite:///:memory:: expected sqlite:///FILE, or sqlite:////FILE from the root"),
        ("sqlite:////tmp", "DATABASE_URL is sqlite:////tmp: it is no file that can be written"),
        ("sqlite:////nowhere/x.db", "DATABASE_URL is sqlite:////nowhere/x.db: there is no folder /nowhere"),
    ],
)  # fmt: skip
def test_bad_database_url_ends_the_process(monkeypatch: pytest.MonkeyPatch, url: str, sentence: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(SystemExit) as stop:
        service.app()

    assert stop.value.code == sentence


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_url_of_postgresql_may_begin_with_postgres(new_url: Callable[[], str]) -> None:
    url = new_url().replace("postgresql://", "postgres://", 1)

    client = start_client({"DATABASE_URL": url, "REPORTS_DATABASE_URL": url})

    assert client.upload("jobs", "1,Clerk\n")["inserted"] == 1
    assert client.get("/health") == HEALTHY | {"reports_lag_seconds": 0}


def test_bad_url_of_the_reports_ends_the_process_by_its_own_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/x.db")
    monkeypatch.setenv("REPORTS_DATABASE_URL", "")

    with pytest.raises(SystemExit) as stop:
        service.app()

    assert stop.value.code == "REPORTS_DATABASE_URL begins with what is not one of mysql, postgresql, sqlite"


def test_file_that_is_no_database_ends_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("id,name\n" * 1000)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/x.db")

    with pytest.raises(SystemExit, match="DATABASE_URL: the file of the database is no SQLite database"):
        service.app()


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # no database is asked
@pytest.mark.proves(
    "the start ends with a sentence",
    "-b 0.0.0.0 or [::] without a token; bad settings",
    "the look at where gunicorn listens",
)
@pytest.mark.parametrize(
    ("arguments", "environ", "sentence"),
    [
        ((), {"THREADS": "many"}, "THREADS is 'many': expected an integer from 5 to 256"),
        (("-b", "0.0.0.0:0"), {}, f"Listening on 0.0.0.0 {ADDRESS}"),
        (("-b", "127.0.0.1:0", "-b", "[::]:0"), {}, f"Listening on :: {ADDRESS}"),
        ((), {"DATABASE_URL": "sqlite:///no/such/folder.db"}, "there is no folder no/such"),
    ],
    ids=str,
)
def test_gunicorn_stops_with_the_sentence_alone(
    serve: Callable[..., Served], arguments: tuple[str, ...], environ: dict[str, str], sentence: str
) -> None:
    served = serve(*arguments, **environ)

    assert served.process.wait(PATIENCE) != 0
    printed = served.stop()
    assert sentence in printed
    assert "Traceback" not in printed
    assert "Listening at" not in printed


def test_every_setting_is_explained() -> None:
    page = (PROJECT / "docs/settings.md").read_text()

    for name in (*read_settings.__code__.co_consts, *(f"{secret}_FILE" for secret in SECRETS)):
        if isinstance(name, str) and name.isupper():
            assert f"`{name}`" in page
