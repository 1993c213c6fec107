"""client/load.py where things go wrong: services that restart, proxies, transfers that break off, a client that is killed."""

import csv
import io
import random
import re
import signal
import socket
import ssl
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import faults_table
import pytest
from between import Between, Deed, between
from folder import Folder, Serve, ended
from required import skip
from served import RECEIVED, Served
from servers import SERVERS
from servers.server import Server
from waits import until

on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
on_each_at_length = pytest.mark.parametrize("server", SERVERS if faults_table.LONG else ["sqlite"], indirect=True)
"""What becomes of rows on each database is tried elsewhere: here the client is."""

TOKEN = "correct-horse-battery"
READ_TOKEN = "staple-horse-battery"

JOBS = "".join(f"{i},Job {i}\n" for i in range(1, 3001))


@pytest.fixture
def served(serve: Serve) -> Served:
    return serve(WEB_CONCURRENCY="1").wait()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    path = tmp_path / "exports"
    path.mkdir()
    return Folder(path, "http://127.0.0.1:9")


@on_sqlite
@pytest.mark.parametrize(
    "deed",
    [
        pytest.param(Deed("POST /upload", 502), id="a proxy's 502"),
        pytest.param(Deed("POST /upload", 503, {"Retry-After": "1"}), id="a 503 with Retry-After"),
        pytest.param(Deed("POST /upload", 503, {"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"}), id="Retry-After with a date"),
        pytest.param(Deed("POST /upload", 429, content=b"{}"), id="too many requests"),
        pytest.param(Deed("POST /upload", 507, content=b'{"detail": "full"}'), id="a full disk"),
        pytest.param(Deed("POST /upload", cut_after=0), id="cut before the body"),
        pytest.param(Deed("POST /upload", cut_after=20_000), id="cut in the body"),
        pytest.param(Deed("POST /upload"), id="the answer is lost"),
        pytest.param(Deed("GET /tables", 504), id="the first request"),
        pytest.param(Deed("POST /preview", cut_after=10), id="the preview"),
        pytest.param(Deed("GET /uploads?sha256", cut_after=0), id="the look into the ledger"),
        pytest.param(Deed("GET /uploads/1/rejects.csv", 503), id="the refused rows"),
    ],
)  # fmt: skip
def test_what_passes_is_tried_again_and_stored_once(folder: Folder, served: Served, deed: Deed) -> None:
    folder.write(jobs=JOBS + "x,Cook\n")

    with between(served.port, deed) as proxy:
        ran = folder.load(url=proxy.url)

    file = ran.files["jobs.csv"]
    assert not proxy.deeds
    assert (file["status"], file["inserted"], file["rejected"], ran.status) == ("loaded", 3000, 1, 1)
    assert [upload["inserted"] for upload in served.get("/uploads")] == [3000]
    assert (folder.path / "jobs.rejects.csv").read_bytes() == served.read("/uploads/1/rejects.csv")
    assert "jobs.csv: " in ran.errors or proxy.url in ran.errors


@on_sqlite
def test_answer_that_is_lost_is_found_in_the_ledger_and_the_file_not_sent_again(folder: Folder, served: Served) -> None:
    folder.write(jobs=JOBS)

    with between(served.port, Deed("POST /upload")) as proxy:
        ran = folder.load(url=proxy.url)

    assert ran.status == 0
    assert [line for line in proxy.asked if line.startswith("POST /upload")] == ["POST /upload/jobs"]


@on_sqlite
@pytest.mark.parametrize(
    ("deed", "stopped"),
    [
        (Deed("GET /tables", 404), "{url} is no Loadbay: its /tables answers 404 Not Found, in words that are not Loadbay's"),
        (Deed("GET /tables", 200), "{url} is no Loadbay: its /tables answers 200 OK, in words that are not Loadbay's"),
        (Deed("GET /tables", 200, content=b'[{"a": 1}]'), "{url} is no Loadbay: its /tables answers 200 OK"),
        (Deed("GET /tables", 308, {"Location": "https://x.example/"}), "{url} sends on to https://x.example/: give --url as it is there"),
        (Deed("POST /upload", 403), "{url}: 403 Forbidden, in words that are not Loadbay's"),
    ],
    ids=["another service", "a page", "other JSON", "a redirect", "forbidden"],
)  # fmt: skip
def test_what_every_file_would_meet_ends_the_run_with_one_sentence(
    folder: Folder, served: Served, deed: Deed, stopped: str
) -> None:
    folder.write(departments="1,Kitchen\n", jobs="1,Cook\n")

    with between(served.port, deed) as proxy:
        ran = folder.load(url=proxy.url)

    assert (ran.status, ran.account["stopped"]) == (1, stopped.format(url=proxy.url))
    assert served.get("/uploads") == []
    assert [file["sentences"] for file in ran.files.values()] == [[], []]


@on_sqlite
def test_file_that_a_proxy_does_not_take_is_left_and_the_next_one_loaded(folder: Folder, served: Served) -> None:
    folder.write(departments="1,Kitchen\n", jobs="1,Cook\n")

    with between(served.port, Deed("POST /upload", 413), Deed("POST /upload", 500)) as proxy:
        ran = folder.load(url=proxy.url)
        again = folder.load(url=proxy.url)

    assert [file["status"] for file in ran.files.values()] == ["failed", "failed"]
    assert ran.sentences("departments.csv") == ["413 Request Entity Too Large, in words that are not Loadbay's"]
    assert again.status == 0


@on_sqlite
def test_file_that_is_too_large_is_told_so_although_it_was_not_read(folder: Folder, serve: Serve) -> None:
    served = serve(MAX_UPLOAD_BYTES="1000000").wait()
    folder.write(jobs=RECEIVED, departments="1,Kitchen\n")

    ran = folder.load(url=served.url)

    assert ran.sentences("jobs.csv")[0].endswith("is larger than 1065536 bytes (MAX_UPLOAD_BYTES and 64 KiB)")
    assert [file["status"] for file in ran.files.values()] == ["loaded", "failed"]


def test_service_that_stays_away_ends_the_run_once_the_patience_is_spent(folder: Folder) -> None:
    folder.write(jobs="1,Cook\n")

    ran = folder.load(options="--wait 1")

    assert (ran.status, ran.account["stopped"]) == (
        1, "http://127.0.0.1:9: Connection refused; that was so for 1 seconds (--wait): called again, it goes on"
    )  # fmt: skip
    tries = [line for line in ran.errors.splitlines() if "the next try" in line]
    assert len(tries) >= 2
    assert all(re.search(r": Connection refused; the next try in 0\.[0-5] s$", line) for line in tries)


@on_sqlite
def test_answer_that_comes_before_the_whole_file_was_taken_is_read(folder: Folder, served: Served) -> None:
    folder.write(jobs=RECEIVED)

    with between(served.port, Deed("POST /upload", 413, cut_after=0)) as proxy:
        ran = folder.load(url=proxy.url)

    assert ran.sentences("jobs.csv") == ["413 Request Entity Too Large, in words that are not Loadbay's"]


@on_sqlite
def test_service_without_a_place_is_asked_again_when_it_says(folder: Folder, serve: Serve) -> None:
    served = serve(WEB_CONCURRENCY="1", UPLOADS_MAX="1").wait()
    folder.write(jobs="1,Cook\n")
    with upload_that_is_sent(served):
        running = folder.start(options="--json", url=served.url)
        line = running.stderr.readline()
    ran = ended(running)

    assert line == "jobs.csv: all places for uploads are taken (UPLOADS_MAX): try again later; the next try in 5 s\n"
    assert ran.status == 0


def upload_that_is_sent(served: Served) -> socket.socket:
    """Return the connection of an upload that lacks its last bytes: until it is closed, it has the only place."""
    connection = socket.create_connection(("127.0.0.1", served.port))
    head = "POST /upload/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
    connection.sendall(f"{head}Content-Length: {len(RECEIVED) + 9}\r\n\r\n".encode() + RECEIVED)
    return connection


@on_sqlite
@pytest.mark.parametrize(
    ("token", "stopped"),
    [
        ("", "{url}: expected the header Authorization: Bearer with the service's API_TOKEN; give it in LOADBAY_TOKEN, or in a file by --token-file"),
        ("wrong", "{url}: expected the header Authorization: Bearer with the service's API_TOKEN; give it in LOADBAY_TOKEN, or in a file by --token-file"),
        (READ_TOKEN, "{url}: this token may only read: to upload or to delete needs the service's API_TOKEN"),
    ],
    ids=["none", "wrong", "for reading alone"],
)  # fmt: skip
def test_token_that_does_not_do_ends_the_run(folder: Folder, serve: Serve, token: str, stopped: str) -> None:
    served = serve(API_TOKEN=TOKEN, API_READ_TOKEN=READ_TOKEN).wait()
    folder.write(jobs=RECEIVED, departments="1,Kitchen\n")

    ran = folder.load("jobs.csv", "departments.csv", url=served.url, LOADBAY_TOKEN=token)

    assert (ran.status, ran.account["stopped"]) == (1, stopped.format(url=served.url))
    assert ran.files["departments.csv"]["status"] == "not sent"


@on_sqlite
def test_token_comes_from_the_environment_or_a_file(folder: Folder, serve: Serve) -> None:
    served = serve(API_TOKEN=TOKEN).wait()
    folder.write(jobs="1,Cook\n", departments="1,Kitchen\n").put("token", f"{TOKEN}\n")

    statuses = [
        folder.load("jobs.csv", url=served.url, LOADBAY_TOKEN=TOKEN).status,
        folder.load("departments.csv", options="--token-file token", url=served.url).status,
    ]

    assert statuses == [0, 0]


@on_sqlite
def test_service_below_a_path_is_asked_there(folder: Folder, served: Served) -> None:
    folder.write(jobs="1,Cook\nx,no\n")

    with between(served.port, mount="/load/bay") as proxy:
        ran = folder.load(url=f"{proxy.url}/")

    assert (ran.status, ran.files["jobs.csv"]["inserted"], len(proxy.asked)) == (1, 1, 7)
    assert (folder.path / "jobs.rejects.csv").exists()


@on_sqlite
def test_service_on_ipv6_is_found(folder: Folder, serve: Serve) -> None:
    served = serve(HOST="::1")
    served.url = f"http://[::1]:{served.port}"
    served.wait()
    folder.write(jobs="1,Cook\n")

    assert folder.load(url=served.url).status == 0


@on_sqlite
def test_certificate_of_an_unknown_authority_ends_the_run(folder: Folder, served: Served, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *named]
    try:
        subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    except FileNotFoundError:
        skip("no openssl: apt-get install openssl")

    def wrap(proxy: Between) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        proxy.socket = context.wrap_socket(proxy.socket, server_side=True)

    folder.write(jobs="1,Cook\n")
    with between(served.port, wrap=wrap) as proxy:
        url = proxy.url.replace("http:", "https:")
        unknown = folder.load(url=url)
        known = folder.load(url=url, SSL_CERT_FILE=str(certificate))

    assert (unknown.status, known.status) == (1, 0)
    assert (
        unknown.account["stopped"]
        == f"{url}: self-signed certificate; SSL_CERT_FILE may name the file of another authority"
    )


@on_sqlite
@pytest.mark.parametrize("change", ["longer", "shorter", "other"])
def test_file_that_changes_while_it_is_sent_is_not_loaded(folder: Folder, served: Served, change: str) -> None:
    folder.write(jobs=RECEIVED)
    path = folder.path / "jobs.csv"

    with between(served.port) as proxy:
        original = proxy.deed

        def deed(line: str) -> Deed | None:
            if line.startswith("POST /upload"):
                with path.open("r+b") as file:
                    if change == "shorter":
                        file.truncate(len(RECEIVED) - 1000)
                    else:
                        file.seek(0, 2) if change == "longer" else file.seek(-1000, 2)
                        file.write(b"x" * 10)
            return original(line)

        proxy.deed = deed
        ran = folder.load(url=proxy.url)

    assert ran.sentences("jobs.csv") == [
        "changed while it was sent, so that nothing of it is stored: load it again once it is complete"
    ]
    assert (ran.status, served.get("/uploads")) == (1, [])


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_upload_that_is_taken_back_meanwhile_is_not_begun_again(
    folder: Folder, serve: Serve, server: Server, settings: dict[str, str]
) -> None:
    served = serve(*server.arguments, BATCH_ROWS="1").wait()
    folder.write(jobs="1,Cook\n2,Chef\n3,Waiter\n")
    with ThreadPoolExecutor() as pool:
        with server.hold_at(settings["DATABASE_URL"], 2):
            running = folder.start(options="--json", url=served.url)
            until(lambda: (found := served.get("/uploads")) and found[0]["read"] == 1)
            undo = pool.submit(served.delete, "/uploads/1")
            until(lambda: served.get("/uploads/1")["status"] in ("undoing", "undone"))
        ran, undone = ended(running), undo.result()

    assert ran.sentences("jobs.csv") == ["its upload 1 was taken back meanwhile: called again, it goes in"]
    assert (ran.status, undone[0], [upload["status"] for upload in served.get("/uploads")]) == (1, 200, ["undone"])
    assert folder.load(url=served.url).status == 0


def test_upload_that_a_killed_client_left_running_is_waited_for_and_not_sent_again(
    folder: Folder, serve: Serve, server: Server, settings: dict[str, str]
) -> None:
    served = serve(*server.arguments, BATCH_ROWS="1").wait()
    folder.write(jobs="1,Cook\n2,Chef\n3,Waiter\n")
    with between(served.port) as proxy:
        with server.hold_at(settings["DATABASE_URL"], 2):
            killed = folder.start(url=served.url)
            until(lambda: (found := served.get("/uploads")) and found[0]["read"] == 1)
            killed.kill()
            killed.communicate()
            running = folder.start(options="--json", url=proxy.url)
            line = running.stderr.readline()
        ran = ended(running)

    assert line == "jobs.csv: its upload 1 is still running; the next try in 0.5 s\n"
    assert (ran.status, ran.files["jobs.csv"]["inserted"]) == (0, 3)
    assert not [line for line in proxy.asked if line.startswith("POST /upload")]


# Forty files, two of them broken, and what they come to.

BATCH = 25


def forty_files() -> dict[str, bytes]:
    """Return forty exports by their names, two of them broken: one is no text at all, one has rows that are refused."""
    chance = random.Random(40)
    files: dict[str, bytes] = {}
    for number in range(4):
        ids = range(number * 10, number * 10 + 10)
        files[f"departments_{number}.csv"] = "".join(f"{i},Department {i}\n" for i in ids).encode()
        files[f"jobs {number}.csv"] = "".join(f"{i};Job {i}\n" for i in ids).encode()
    for number in range(32):
        rows = [
            f'{i},"Ana, {i}",2021-{1 + i % 12:02}-01T00:00:00Z,{i % 40},{chance.randrange(40)}'
            for i in range(number * 200, number * 200 + 200)
        ]
        files[f"Hired-Employees {number:02}.csv"] = "\n".join(["id,name,datetime,department_id,job_id", *rows]).encode()
    files["Hired-Employees 07.csv"] = b"\x89PNG\r\n\x1a\n\0\0" + chance.randbytes(9000)
    refused = files["Hired-Employees 21.csv"].replace(b",2021-03-01", b",1 March 2021")
    return {**files, "Hired-Employees 21.csv": refused}


def read_alone(files: dict[str, bytes], table: str) -> set[tuple[str, ...]]:
    """Return the rows of a table that the files have, as Python's csv module alone reads them."""
    sound = set()
    for name, content in files.items():
        if table.replace("_", "-") in name.lower() and b"PNG" not in content:
            text = content.decode()
            for row in csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ","):
                if row[0].isdigit() and (len(row) == 2 or row[2][:5] == "2021-"):
                    sound.add(tuple(row))
    return sound


def stored(served: Served, table: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(served.read(f"/tables/{table}.csv").decode()))][1:]


def check_forty(served: Served, files: dict[str, bytes], account: dict[str, Any]) -> None:
    """Assert that all sound rows are stored, each once, and that the account and the ledger say so."""
    tables = ("departments", "jobs", "hired_employees")
    for table in tables:
        rows = stored(served, table)
        assert len(rows) == len(set(rows))
        assert set(rows) == read_alone(files, table)
    ledger = served.get("/uploads?limit=1000")
    finished = Counter(upload["sha256"] for upload in ledger if upload["status"] == "finished")
    assert sum(upload["inserted"] for upload in ledger) == sum(len(stored(served, table)) for table in tables)
    assert sum(upload["skipped"] for upload in ledger) == 0
    assert (len(finished), {*finished.values()}) == (39, {1})
    statuses = Counter(file["status"].split()[0] for file in account["files"] if file["status"] != "left out")
    assert statuses == {"loaded": 39, "refused": 1}
    assert {file["file"] for file in account["files"] if not file["is_in"]} - {"Hired-Employees 21.rejects.csv"} == {
        "Hired-Employees 07.csv",
        "Hired-Employees 21.csv",
    }
    assert account["totals"]["inserted"] == sum(len(stored(served, table)) for table in tables)


def again(serve: Serve, server: Server, served: Served) -> Served:
    """Start a service anew on the port of one that has ended."""
    other = serve(*server.arguments, BATCH_ROWS=str(BATCH), PORT=str(served.port))
    other.port, other.url = served.port, served.url
    return other


def wait_for(served: Served, number: int, running: "subprocess.Popen[str]") -> None:
    """Return once the ledger has so many uploads, or the client has ended."""
    until(lambda: running.poll() is not None or len(served.get("/uploads?limit=1000")) >= number)


def end(served: Served, server: Server, url: str, is_killed: bool) -> None:
    """End a service at once, and let its uploads look as if they had stood still for a minute; or let it finish them."""
    if is_killed:
        served.kill()
        server.execute(url, "UPDATE uploads SET updated_at = '2026-01-01T00:00:00' WHERE status = 'running'")
    else:
        served.stop()


@on_each_at_length
@pytest.mark.proves(
    "the client goes on by itself: all sound rows are stored, each once, and its account says so",
    "SIGKILL and restarts of the service while a folder of forty files is loaded, two of them broken",
    "the `Idempotency-Key`",
)
def test_forty_files_are_loaded_by_a_service_that_is_restarted_meanwhile(
    folder: Folder, serve: Serve, server: Server, settings: dict[str, str], rounds: Callable[[int, int], range]
) -> None:
    files = forty_files()
    for name, content in files.items():
        folder.put(name, content)
    served = serve(*server.arguments, BATCH_ROWS=str(BATCH)).wait()
    running = folder.start(options="--json -o strict=true", url=served.url)
    turns = rounds(2, 8)
    for turn in turns:
        wait_for(served, 40 * (turn + 1) // (len(turns) + 1), running)
        time.sleep(random.random() / 20)
        end(served, server, settings["DATABASE_URL"], is_killed=turn % 2 == 0)
        served = again(serve, server, served).wait()

    ran = ended(running)

    assert ran.status == 1
    check_forty(served, files, ran.account)


@on_each_at_length
@pytest.mark.proves(
    "called again it goes on: all sound rows are stored, each once, and its account says so",
    "SIGKILL of client/load.py while it loads a folder of forty files, two of them broken",
    "the look into the ledger",
)
def test_client_that_is_killed_and_called_again_completes_the_folder(
    folder: Folder, serve: Serve, server: Server, rounds: Callable[[int, int], range]
) -> None:
    files = forty_files()
    for name, content in files.items():
        folder.put(name, content)
    served = serve(*server.arguments, BATCH_ROWS=str(BATCH)).wait()
    for turn in rounds(3, 30):
        begun = len(served.get("/uploads?limit=1000"))
        running = folder.start(*files, options="--json", url=served.url)
        wait_for(served, begun + turn, running)
        time.sleep(random.random() / 10)
        running.send_signal(signal.SIGKILL)
        running.communicate()

    ran = folder.load(*files, url=served.url)

    assert ran.status == 1
    check_forty(served, files, ran.account)


@on_each_at_length
def test_two_clients_at_once_load_each_file_once(folder: Folder, serve: Serve, server: Server) -> None:
    files = forty_files()
    for name, content in files.items():
        folder.put(name, content)
    served = serve(*server.arguments, BATCH_ROWS=str(BATCH)).wait()

    running = [folder.start(*files, options="--json", url=served.url) for _ in range(2)]
    both = [ended(one) for one in running]

    for ran in both:
        assert ran.status == 1
        check_forty(served, files, ran.account)
