"""Who may come in: with a token its bearer, without one this machine alone and no other site's page."""

import pytest
from conftest import Client, start_client

TOKEN = "correct-horse-battery"
CSV = b"1,a\n"


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

    assert refused["detail"] == "this token may only read: an upload needs the service's API_TOKEN"
    assert reader.rows("jobs") == []
    assert reader.get("/uploads") == []
    reader.app.authorization = ("Bearer", TOKEN)
    assert reader.post("jobs", CSV, Content_Type="text/csv")["inserted"] == 1


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


@pytest.mark.parametrize("url", ["/health", "/health/live"])
def test_health_needs_no_token(guarded: Client, url: str) -> None:
    assert guarded.get(url, Host="10.0.0.7") == {"status": "ok"}


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:8000", "127.9.9.9", "[::1]:8000"]
)
def test_loopback_name_comes_in_without_a_token(client: Client, host: str) -> None:
    assert client.get("/health", Host=host) == {"status": "ok"}


@pytest.mark.proves(
    "403",
    "a Host that is no loopback name, without a token",
    "the check of the Host",
)
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example:8000", "10.0.0.7", "0.0.0.0", "[::1", "a:b:c"]
)
def test_other_host_is_forbidden_without_a_token(client: Client, host: str) -> None:
    answer = client.get("/health", status=403, Host=host)

    assert answer["detail"] == f"the Host {host} is not localhost: set API_TOKEN to serve others"


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
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_upload_from_another_sites_page_is_forbidden(client: Client, headers: dict[str, str]) -> None:
    answer = client.post("jobs", CSV, status=403, Content_Type="text/csv", **headers)

    assert answer["detail"] == "a page of another site may not upload here"
    assert client.rows("jobs") == []


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://localhost:80"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}],
)
def test_upload_from_an_own_page_is_taken(client: Client, headers: dict[str, str]) -> None:
    assert client.post("jobs", CSV, Content_Type="text/csv", **headers)["inserted"] == 1


def test_other_sites_page_may_be_followed_to_a_report(client: Client) -> None:
    assert client.get("/stats/top-departments-hired", Sec_Fetch_Site="cross-site") == []
