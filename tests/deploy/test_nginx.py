"""The service behind nginx, as deploy/nginx.conf has it: uploads stream through, and its own limits and errors show."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from email.message import Message
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from nginx import Nginx
from project import PROJECT
from served import RECEIVED, Served
from waits import PATIENCE, until

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

TOKEN = "correct-horse-battery"

Behind = Callable[..., Served]


@pytest.fixture
def behind(serve: Callable[..., Served], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Behind]:
    """What starts a service, and gives it with the URL that it has behind nginx, whose configuration may differ in places."""
    started: list[Nginx] = []

    def start(replace: dict[str, str] | None = None, **environ: str) -> Served:
        served = serve(**environ).wait()
        started.append(Nginx(tmp_path, f"127.0.0.1:{served.port}", replace or {}))
        monkeypatch.setenv("SSL_CERT_FILE", str(started[0].certificate))
        served.plain_port = started[0].plain_port
        served.port, served.url = started[0].port, f"https://127.0.0.1:{started[0].port}"
        return served.wait()

    yield start
    for nginx in started:
        nginx.stop()


REST = b"99999,a\n"


def begin(served: Served, sent: bytes = RECEIVED, source: str = "127.0.0.1") -> HTTPSConnection:
    """Return a connection on which an upload has been sent but for its last row."""
    connection = HTTPSConnection("127.0.0.1", served.port, timeout=PATIENCE, source_address=(source, 0))
    connection.putrequest("POST", "/upload/jobs")
    connection.putheader("Content-Type", "text/csv")
    connection.putheader("Content-Length", str(len(sent) + len(REST)))
    connection.endheaders(sent)
    return connection


def answer_on(connection: HTTPSConnection) -> tuple[int, dict]:
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


REFUSED = {
    "title": "Too Many Requests",
    "status": 429,
    "code": "too_many_requests",
    "detail": "this address asks too often, or has too many requests under way: try again later",
}


def ask(served: Served, source: str, method: str = "GET", path: str = "/health") -> tuple[int, dict, Message]:
    """Return the status, the JSON and the headers of an answer to a client at an address of loopback."""
    connection = HTTPSConnection("127.0.0.1", served.port, timeout=PATIENCE, source_address=(source, 0))
    with closing(connection):
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.headers


@pytest.mark.proves(
    "429 with Retry-After, and others are answered",
    "an address that asks nginx more often than it may, or has more under way",
    "limit_req, limit_conn",
)
def test_address_that_asks_too_often_gets_a_429_and_others_are_answered(behind: Behind) -> None:
    served = behind({"rate=20r/s": "rate=1r/m", "burst=200": "burst=2"})

    answers = [ask(served, "127.0.0.2") for _ in range(4)]

    assert [status for status, _, _ in answers] == [200, 200, 200, 429]
    _, problem, headers = answers[-1]
    assert problem == REFUSED
    assert (headers["Content-Type"], headers["Retry-After"]) == ("application/problem+json", "5")
    assert len(headers["X-Request-ID"]) == 32
    assert ask(served, "127.0.0.3")[0] == 200


@pytest.mark.proves(
    "429 with Retry-After, and others are answered",
    "an address that asks nginx more often than it may, or has more under way",
    "limit_req, limit_conn",
)
def test_address_with_too_much_under_way_gets_a_429_and_others_are_answered(behind: Behind) -> None:
    served = behind({"loadbay_connections 32": "loadbay_connections 2"})

    with ExitStack() as connections:
        slow = [connections.enter_context(closing(begin(served, source="127.0.0.2"))) for _ in range(2)]
        until(lambda: ask(served, "127.0.0.2")[0] == 429)
        other = ask(served, "127.0.0.3")[0]
        for connection in slow:
            connection.send(REST)
        statuses = [answer_on(connection)[0] for connection in slow]

    assert other == 200
    assert statuses == [200, 200]
    assert until(lambda: ask(served, "127.0.0.2")[0] == 200)


def test_page_with_its_files_and_a_folder_of_files_are_within_the_limits(behind: Behind) -> None:
    served = behind()
    paths = ["/", *(f"/{path.relative_to(PROJECT)}" for path in (PROJECT / "page").rglob("*") if path.is_file())]

    with ThreadPoolExecutor(6) as browser:  # so many connections a browser opens
        page = list(browser.map(lambda path: served.status(path), paths * 4))
    loads = [served.upload("jobs", b"%d,a\n" % number)[0] for number in range(60)]

    assert page == [200] * len(paths) * 4
    assert loads == [200] * 60


def test_plain_http_is_sent_to_tls(behind: Behind) -> None:
    served = behind()

    connection = HTTPConnection("127.0.0.1", served.plain_port, timeout=PATIENCE)
    with closing(connection):
        connection.request("PUT", "/upload/jobs?strict=true", b"1,a\n", {"Host": "loadbay.example"})
        answer = connection.getresponse()

    assert (answer.status, answer.headers["Location"]) == (308, "https://loadbay.example/upload/jobs?strict=true")
    assert served.get("/uploads") == []


def test_service_that_is_away_is_a_503_in_the_shape_of_other_errors(behind: Behind) -> None:
    served = behind()
    served.stop()

    status, problem, headers = ask(served, "127.0.0.1")

    assert (status, headers["Retry-After"], headers["Content-Type"]) == (503, "5", "application/problem+json")
    assert problem == {
        "title": "Service Unavailable",
        "status": 503,
        "code": "service_unavailable",
        "detail": "the service does not answer: try again later",
    }
