"""The service behind nginx, as docs/nginx.conf has it: uploads stream through, and its own limits and errors show."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from conftest import PROJECT, RECEIVED, Served
from servers import PATIENCE, free_port, skip, until

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

TOKEN = "correct-horse-battery"
CONFIGURATION = (PROJECT / "docs/nginx.conf").read_text()
AROUND = "daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ access_log off; {temporary} {site} }}"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")

Behind = Callable[..., Served]


@pytest.fixture
def behind(serve: Callable[..., Served], tmp_path: Path) -> Iterator[Behind]:
    """What starts a service, and gives it with the URL that it has behind nginx."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if not program:
        skip("no nginx: apt-get install nginx-light")
    started: list[subprocess.Popen[bytes]] = []

    def start(**environ: str) -> Served:
        served = serve(**environ).wait()
        port = free_port()
        site = CONFIGURATION.replace("127.0.0.1:8080", f"127.0.0.1:{port}").replace(":8000", f":{served.port}")
        temporary = " ".join(f"{name}_temp_path {tmp_path}/{name};" for name in TEMPORARY)
        configuration = tmp_path / "nginx.conf"
        configuration.write_text(AROUND.format(folder=tmp_path, temporary=temporary, site=site))
        started.append(subprocess.Popen([program, "-p", tmp_path, "-e", "error.log", "-c", configuration]))
        served.port, served.url = port, f"http://127.0.0.1:{port}"
        return served.wait()

    yield start
    for process in started:
        process.terminate()
        process.wait()


REST = b"99999,a\n"


def begin(served: Served, sent: bytes = RECEIVED) -> HTTPConnection:
    """Return a connection on which an upload has been sent but for its last row."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    connection.putrequest("POST", "/upload/jobs")
    connection.putheader("Content-Type", "text/csv")
    connection.putheader("Content-Length", str(len(sent) + len(REST)))
    connection.endheaders(sent)
    return connection


def answer_on(connection: HTTPConnection) -> tuple[int, dict]:
    answer = connection.getresponse()
    return answer.status, json.load(answer)


@pytest.mark.proves(
    "it is known to the service while it is sent",
    "an upload through nginx",
    "proxy_request_buffering off",
)
def test_upload_streams_through_nginx(behind: Behind) -> None:
    served = behind(WEB_CONCURRENCY="1", UPLOADS_MAX="1")

    with closing(begin(served)) as connection:
        meanwhile = served.upload("jobs", b"2,b\n")
        connection.send(REST)
        status, account = answer_on(connection)

    assert (meanwhile[0], meanwhile[1]["detail"]) == (
        503,
        "all places for uploads are taken (UPLOADS_MAX): try again later",
    )
    assert (status, account["read"], account["inserted"]) == (200, 32_001, 32_001)


@pytest.mark.proves(
    "nothing stored, its place is free",
    "an upload through nginx that breaks off",
    "the look at how the body ended",
)
def test_upload_that_breaks_off_before_nginx_stores_nothing(behind: Behind) -> None:
    served = behind(WEB_CONCURRENCY="1", UPLOADS_MAX="1")

    begin(served).close()
    status, account = until(lambda: answer if (answer := served.upload("jobs", b"2,b\n"))[0] != 503 else None)

    assert (status, account["inserted"]) == (200, 1)
    assert [upload["read"] for upload in served.get("/uploads")] == [1]


def test_limits_of_the_service_show_through_nginx(behind: Behind) -> None:
    served = behind(MAX_UPLOAD_BYTES="2000000", BODY_TIMEOUT="2")

    large = served.upload("jobs", b"1,a\n" * 600_000)
    with closing(begin(served, b"1,a\n")) as connection:
        slow = answer_on(connection)

    assert (large[0], large[1]["status"]) == (413, 413)
    assert large[1]["detail"].startswith("the body of 2400000 bytes is larger than")
    assert (slow[0], slow[1]["detail"]) == (408, "the body took longer than 2 seconds (BODY_TIMEOUT)")
    assert served.get("/uploads") == []


def test_request_behind_nginx_is_logged_with_its_id_and_its_client(behind: Behind) -> None:
    served = behind()

    with urlopen(Request(served.url + "/tables", headers={"X-Forwarded-For": "10.9.8.7"})) as answer:
        request_id = answer.headers["X-Request-ID"]
    lines = [json.loads(line) for line in served.stop().splitlines() if line.startswith("{")]

    found = [line for line in lines if line.get("request_id") == request_id]
    assert [(line["path"], line["client"], line["forwarded_for"]) for line in found] == [
        ("/tables", "127.0.0.1", "127.0.0.1")
    ]


@pytest.mark.parametrize(("token", "status"), [(None, 403), (TOKEN, 200)])
def test_other_host_needs_a_token_behind_nginx_too(behind: Behind, token: str | None, status: int) -> None:
    served = behind(**({"API_TOKEN": token} if token else {}))
    headers = {"Host": "loadbay.example", "Authorization": f"Bearer {token}"}

    try:
        with urlopen(Request(served.url + "/tables", headers=headers)) as answer:
            found = answer.status
    except HTTPError as error:
        with error:
            found = error.code

    assert found == status
