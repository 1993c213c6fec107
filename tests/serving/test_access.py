"""Who may come in: with a token its bearer, without one this machine alone and no other site's page."""

import re
import socket
from collections.abc import Callable

import pytest
from conftest import start_client
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st
from served import Served
from waits import PATIENCE
from web_client import HEALTHY, Client

TOKEN = "correct-horse-battery"
CSV = b"1,a\n"
REFUSED = "1,a\nx,b\n"


@pytest.fixture
def guarded(settings: dict[str, str]) -> Client:
    return start_client(settings | {"API_TOKEN": TOKEN})


@pytest.mark.proves(
    "401 with WWW-Authenticate",
    "no token, a part of it, more than it, another scheme",
    "the comparison of tokens",
)
@pytest.mark.parametrize("url", ["/", "/stats", "/tables/jobs.csv", "/uploads", "/nope"])
@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer \xe9"],
)
def test_request_without_the_token_is_unauthorized(guarded: Client, url: str, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}

    answer = guarded.app.get(url, headers=headers, status=401)

    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["detail"] == "expected the header Authorization: Bearer with the service's API_TOKEN"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_bearer_of_the_token_comes_in_under_any_host(guarded: Client, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {TOKEN}", "Host": "loadbay.example"}

    assert guarded.app.get("/uploads", headers=headers).json == []


READ_TOKEN = "staple-horse-battery"


@pytest.fixture
def reader(settings: dict[str, str]) -> Client:
    client = start_client(settings | {"API_TOKEN": TOKEN, "API_READ_TOKEN": READ_TOKEN})
    client.app.authorization = ("Bearer", READ_TOKEN)
    return client


@pytest.mark.proves(
    "403, nothing stored",
    "an upload with API_READ_TOKEN",
    "the check of the method",
)
def test_token_for_reading_reads_and_uploads_nothing(reader: Client) -> None:
    refused = reader.post("jobs", CSV, status=403, Content_Type="text/csv")

    assert refused["detail"] == "this token may only read: to upload or to delete needs the service's API_TOKEN"
    assert reader.rows("jobs") == []
    assert reader.get("/uploads") == []
    reader.app.authorization = ("Bearer", TOKEN)
    assert reader.post("jobs", CSV, Content_Type="text/csv")["inserted"] == 1
    reader.app.authorization = ("Bearer", READ_TOKEN)
    assert reader.app.delete("/uploads/1", status=403).json["code"] == "read_only_token"
    assert reader.get("/uploads")[0]["status"] == "finished"


@pytest.mark.proves(
    "403, nothing deleted",
    "DELETE /uploads/{id}/rejects with API_READ_TOKEN",
    "the check of the method",
)
def test_token_for_reading_deletes_nothing(reader: Client) -> None:
    reader.app.authorization = ("Bearer", TOKEN)
    reader.upload("jobs", REFUSED)
    reader.app.authorization = ("Bearer", READ_TOKEN)

    refused = reader.app.delete("/uploads/1/rejects", status=403).json

    assert refused["code"] == "read_only_token"
    assert "x,b" in reader.app.get("/uploads/1/rejects.csv").text


@pytest.mark.parametrize("token", [TOKEN + READ_TOKEN, READ_TOKEN[:-1]])
def test_other_token_beside_the_one_for_reading_is_unauthorized(reader: Client, token: str) -> None:
    reader.app.authorization = ("Bearer", token)

    assert reader.get("/uploads", status=401)["status"] == 401


@pytest.mark.proves(
    "nosniff, no-store, a Content-Security-Policy",
    "answers and errors of every kind",
    "the headers of every answer",
)
@pytest.mark.parametrize(
    ("url", "status", "cache_control"),
    [
        ("/", 200, "no-store"),
        ("/tables/jobs.csv", 200, "no-store"),
        ("/uploads/7/rejects.csv", 404, "no-store"),
        ("/nope", 404, "no-store"),
        ("/stats/data-quality", 200, "private, no-cache"),
    ],
)
def test_answers_are_not_kept_by_caches_nor_guessed_at_nor_run(
    client: Client, url: str, status: int, cache_control: str
) -> None:
    headers = client.app.get(url, status=status).headers

    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == (cache_control, "nosniff")
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_health_needs_no_token(guarded: Client) -> None:
    assert guarded.get("/health", Host="10.0.0.7") == HEALTHY
    assert guarded.get("/health/live", Host="10.0.0.7") == {"status": "ok"}


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8000", "localhost:", "LOCALHOST", "127.0.0.1:8000", "127.9.9.9"),
        *("[::1]:8000", "[::1]", "[0:0::0001]", "[::ffff:127.0.0.1]:8000"),
    ],
)
def test_loopback_name_comes_in_without_a_token(client: Client, host: str) -> None:
    assert client.get("/health", Host=host) == HEALTHY


@pytest.mark.proves(
    "403, or 400 where it is malformed",
    "a Host that is no loopback name, without a token",
    "the check of the Host",
)
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example",
            "localhost.evil.example:8000",
            "10.0.0.7",
            "0.0.0.0",
            "",
            ":8000",
            "[::]",
            "[::2]:80",
            "[v1.a]",
        ),
        *("localhost,evil.example", "%6cocalhost", "127.1", "127.0.0.1.evil.example", "[::ffff:10.0.0.7]"),
    ],
)
def test_other_host_is_forbidden_without_a_token(client: Client, host: str) -> None:
    answer = client.get("/health", status=403, Host=host)

    assert (answer["code"], answer["detail"]) == (
        "foreign_host",
        f"the Host {host} is not localhost: set API_TOKEN to serve others",
    )


@pytest.mark.proves(
    "403, or 400 where it is malformed",
    "a Host that is no loopback name, without a token",
    "the check of the Host",
)
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "host",
    [
        *("[::1", "::1", "a:b:c", "[127.0.0.1]", "[::1%25lo]", "[::1%lo]", "localhost:80:80", "localhost:http"),
        *("evil.com@localhost", "[::1].evil.com", "localhost/evil.com", "localhost?", "localhost#x", "localhost\\x"),
        *("http://localhost", "localhost evil.com", "localhost:\xb2", "loc%lhost"),
    ],
)
def test_malformed_host_is_refused_without_a_token(client: Client, host: str) -> None:
    answer = client.get("/health", status=400, Host=host)

    assert (answer["code"], answer["detail"]) == ("malformed_request", MALFORMED_HOST)


MALFORMED_HOST = "the Host is absent or malformed: expected a name or an address, and no more behind it than a port"


@pytest.mark.proves(
    "403, or 400 where it is malformed",
    "a request without a Host, without a token",
    "the check of the Host",
)
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("version", "status", "detail"),
    [
        ("HTTP/1.0", 403, "the request has no Host: set API_TOKEN to serve others"),
        ("HTTP/1.1", 400, MALFORMED_HOST),
    ],
)
def test_request_without_a_host_is_refused_without_a_token(
    serve: Callable[..., Served], version: str, status: int, detail: str
) -> None:
    served = serve().wait()

    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        connection.sendall(f"GET /tables {version}\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    assert answer.startswith(f"{version} {status} ")
    assert detail in answer


# The grammar of RFC 3986, appendix A, as it stands there.
HEX = "[0-9A-Fa-f]"
PCT_ENCODED = f"%{HEX}{{2}}"
UNRESERVED, SUB_DELIMS = r"A-Za-z0-9._~\-", "!$&'()*+,;="
REG_NAME = f"(?:[{SUB_DELIMS}{UNRESERVED}]|{PCT_ENCODED})*"
DEC_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9][0-9]|[0-9])"
IPV4 = rf"{DEC_OCTET}\.{DEC_OCTET}\.{DEC_OCTET}\.{DEC_OCTET}"
H16 = f"{HEX}{{1,4}}"
LS32 = f"(?:{H16}:{H16}|{IPV4})"
IPV6 = "|".join(
    [
        f"(?:{H16}:){{6}}{LS32}",
        f"::(?:{H16}:){{5}}{LS32}",
        f"(?:{H16})?::(?:{H16}:){{4}}{LS32}",
        f"(?:(?:{H16}:){{0,1}}{H16})?::(?:{H16}:){{3}}{LS32}",
        f"(?:(?:{H16}:){{0,2}}{H16})?::(?:{H16}:){{2}}{LS32}",
        f"(?:(?:{H16}:){{0,3}}{H16})?::{H16}:{LS32}",
        f"(?:(?:{H16}:){{0,4}}{H16})?::{LS32}",
        f"(?:(?:{H16}:){{0,5}}{H16})?::{H16}",
        f"(?:(?:{H16}:){{0,6}}{H16})?::",
    ]
)
IPVFUTURE = rf"v{HEX}+\.[{SUB_DELIMS}{UNRESERVED}:]+"
HOST = re.compile(rf"(?P<host>\[(?:{IPV6}|{IPVFUTURE})\]|{IPV4}|{REG_NAME})(?::[0-9]*)?")
ADDRESS_BITS_OF_LOOPBACK = re.compile(rb"\0{15}\x01|\0{10}\xff\xff\x7f...", re.DOTALL)

by_the_grammar = st.from_regex(HOST, fullmatch=True, alphabet=st.characters(codec="ascii"))
near_loopback = st.lists(
    st.sampled_from(
        [
            *("localhost", "127.0.0.1", "127", "[::1]", "[", "]", "::", "::1", "ffff:", "0", "00", "1", "256", "."),
            *(
                ":",
                ":8000",
                "@",
                "/",
                "?",
                "#",
                "%",
                "%31",
                "%6C",
                "\\",
                ",",
                " ",
                "\t",
                "evil.com",
                "LocalHost",
                "v1.",
                "\xb9",
            ),
        ]
    ),
    max_size=5,
).map("".join)


def is_loopback(host: str) -> bool:
    """Whether a host of the grammar is this machine, as the system's own functions read it."""
    if host.startswith("[") and not re.fullmatch(rf"\[{IPVFUTURE}\]", host):
        return bool(ADDRESS_BITS_OF_LOOPBACK.fullmatch(socket.inet_pton(socket.AF_INET6, host[1:-1])))
    return host.lower() == "localhost" or bool(re.fullmatch(IPV4, host) and host.startswith("127."))


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_host_is_read_as_the_grammar_has_it(client: Client) -> None:
    @tried(max_examples=500, derandomize=True, deadline=None)
    @given(by_the_grammar | near_loopback)
    def try_it(host: str) -> None:
        match = HOST.fullmatch(host)
        expected = 400 if match is None else 200 if is_loopback(match["host"]) else 403

        assert client.app.get("/", headers={"Host": host}, expect_errors=True).status_int == expected

    try_it()


@pytest.mark.proves(
    "403, nothing stored",
    "an upload that another site's page sends, without a token",
    "the check of Origin and Sec-Fetch-Site",
)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "https://localhost"},
        {"Origin": "ftp://localhost:80"},
        {"Origin": "//localhost:80"},
        {"Origin": "localhost:80"},
        {"Origin": "http://localhost:80/"},
        {"Origin": "http://evil.example@localhost:80"},
        {"Origin": "http://127.0.0.1:80"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_upload_from_another_sites_page_is_forbidden(client: Client, headers: dict[str, str]) -> None:
    answer = client.post("jobs", CSV, status=403, Content_Type="text/csv", **headers)

    assert answer["detail"] == "a page of another site may not upload or delete here"
    assert client.rows("jobs") == []
    client.post("jobs", CSV, Content_Type="text/csv")
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    assert client.app.delete("/uploads/1", headers=sent, status=403).json["code"] == "foreign_page"
    assert client.get("/uploads")[0]["status"] == "finished"


@pytest.mark.proves(
    "403, nothing deleted",
    "DELETE /uploads/{id}/rejects that another site's page asks for, without a token",
    "the check of Origin and Sec-Fetch-Site",
)
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_deletion_from_another_sites_page_is_forbidden(client: Client, headers: dict[str, str]) -> None:
    client.upload("jobs", REFUSED)

    refused = client.app.delete("/uploads/1/rejects", headers=headers, status=403).json

    assert (refused["code"], refused["detail"]) == (
        "foreign_page",
        "a page of another site may not upload or delete here",
    )
    assert "x,b" in client.app.get("/uploads/1/rejects.csv").text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost:80"},
        {"Origin": "http://localhost"},
        {"Origin": "http://localhost", "Host": "LOCALHOST"},
        {"Origin": "https://localhost", "Host": "localhost:443"},
        {"Origin": "http://[::1]:8000", "Host": "[0::1]:8000"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_upload_from_an_own_page_is_taken(client: Client, headers: dict[str, str]) -> None:
    assert client.post("jobs", CSV, Content_Type="text/csv", **headers)["inserted"] == 1


def test_other_sites_page_may_be_followed_to_a_report(client: Client) -> None:
    assert client.get("/stats/top-departments-hired", Sec_Fetch_Site="cross-site") == []
