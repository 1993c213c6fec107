"""Lambda api: the service behind API Gateway, by events of a REST API (1.0) and of an HTTP API (2.0)."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import requests
import webtest
from events import event_of
from functions import aws, start
from gateway import CLIENT, through
from runtime import Function
from s3 import BUCKET, Aws
from web_client import HEALTHY, Client

pytestmark = [pytest.mark.aws, pytest.mark.parametrize("server", ["postgresql", "mysql"], indirect=True)]

API, LOAD = "aws.api.handler", "aws.load.handler"
TOKEN = "a-token-of-the-tests"
CSV = {"Content-Type": "text/csv"}
QUOTE = '"'

Start = Callable[..., Function]


@pytest.fixture(params=["1.0", "2.0"])
def ask(request: pytest.FixtureRequest, start: Start) -> webtest.TestApp:
    """What asks the function through the gateway, with the token."""
    function = start(API, API_TOKEN=TOKEN)
    app = webtest.TestApp(through(lambda event, _: function.invoke(event), request.param))
    app.authorization = ("Bearer", TOKEN)
    app.function = function
    return app


def test_upload_is_answered_with_urls_below_the_stage(ask: webtest.TestApp) -> None:
    answer = ask.post("/prod/upload/jobs", "1,Köchin\n2,b\nx,c\n", CSV).json

    assert (answer["inserted"], answer["rejected"]) == (2, 1)
    assert answer["rejects_url"] == "/prod/uploads/1/rejects.csv"
    assert ask.get(answer["ids_url"]).text.splitlines()[1:] == ["1,inserted", "2,inserted"]
    assert [ask.get(table["url"]).status_int for table in ask.get("/prod/tables").json] == [200] * 3
    assert ask.get("/prod/tables/jobs.csv").text == "id,job\r\n1,Köchin\r\n2,b\r\n"
    assert all(report["url"].startswith("/prod/stats/") for report in ask.get("/prod/stats").json)


def test_page_asks_for_its_files_below_the_stage_and_may_send_to_the_bucket(ask: webtest.TestApp, aws: Aws) -> None:
    page = ask.get("/prod/", headers={"Accept": "text/html"})

    assert '"/prod/page/main.js"' in page.text
    assert ask.get("/prod/page/main.js").status_int == 200
    assert f"connect-src 'self' {aws.url};" in page.headers["Content-Security-Policy"]


def test_form_of_any_bytes_comes_as_it_was_sent(ask: webtest.TestApp) -> None:
    content = b"1,caf\xe9\n3,\x80\n"

    answer = ask.post("/prod/upload/jobs?encoding=cp1252", upload_files=[("file", "jobs.csv", content)]).json

    assert answer["inserted"] == 2
    assert ask.get("/prod/tables/jobs/3").json["row"]["job"] == "€"


def test_file_past_4_mib_is_told_of_links(ask: webtest.TestApp) -> None:
    answer = ask.post("/prod/upload/jobs", b"1,a\n" * (2**20 + 1), CSV, status=413).json

    assert answer["code"] == "file_too_large"
    assert "POST /upload-links/{table}" in answer["detail"]


def test_answer_past_4_mib_is_fetched_from_the_bucket(ask: webtest.TestApp, client: Client) -> None:
    rows = "".join(f'{i},"{"ü" * 400} ""{i}"""\n' for i in range(6000))
    client.upload("jobs", rows)
    plain = client.app.get("/tables/jobs.csv")

    answer = ask.get("/prod/tables/jobs.csv")
    with urllib.request.urlopen(answer.headers["Location"]) as fetched:
        content, kind = fetched.read(), fetched.headers["Content-Type"]

    assert len(plain.body) > 4 * 2**20
    assert (answer.status_int, answer.body) == (303, b"")
    assert content == plain.body
    assert kind == plain.headers["Content-Type"]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(answer.headers["Location"].replace("Expires=900", "Expires=901"))


def test_answer_that_s3_does_not_take_is_a_500_without_its_words(start: Start, client: Client) -> None:
    client.upload("jobs", "".join(f"{i},{'x' * 990}\n" for i in range(5000)))
    function = start(API, API_TOKEN=TOKEN, UPLOAD_BUCKET="no-such-bucket")
    app = webtest.TestApp(through(lambda event, _: function.invoke(event), "1.0"))

    answer = app.get("/prod/tables/jobs.csv", headers={"Authorization": f"Bearer {TOKEN}"}, status=500)

    assert answer.json["code"] == "failed"
    assert "no-such-bucket" not in function.printed()


def test_answer_of_just_less_than_4_mib_is_given_by_lambda(ask: webtest.TestApp, client: Client) -> None:
    client.upload("jobs", "".join(f'{i},"{QUOTE * 690}"\n' for i in range(6000)))  # as JSON it would be past 6 MB

    answer = ask.get("/prod/tables/jobs.csv")

    assert 4_100_000 < len(answer.body) < 4 * 2**20
    assert answer.status_int == 200


def test_log_has_the_client_whom_the_gateway_saw(ask: webtest.TestApp) -> None:
    ask.get("/prod/uploads/7", headers={"X-Forwarded-For": "198.51.100.1"}, status=404)

    line = ask.function.logged()[-1]

    assert {name: line[name] for name in ("client", "method", "path", "status", "code")} == {
        "client": CLIENT, "method": "GET", "path": "/uploads/7", "status": 404, "code": "unknown_upload",
    }  # fmt: skip


def test_request_without_the_token_is_refused(ask: webtest.TestApp) -> None:
    ask.authorization = None

    assert ask.get("/prod/uploads", status=401).json["code"] == "no_token"
    assert ask.get("/prod/health").json == HEALTHY


def test_start_without_a_token_fails(start: Start) -> None:
    function = start(API)
    app = webtest.TestApp(through(lambda event, _: function.invoke(event), "1.0"))

    with pytest.raises(BaseException):  # noqa: B017, PT011 - the function ends
        app.get("/prod/health")
    assert "API_TOKEN is missing" in function.printed()


def test_secrets_are_read_and_encoded(aws: Aws, start: Start, settings: dict[str, str]) -> None:
    scheme, _, place = settings["DATABASE_URL"].partition("://")
    user, _, rest = place.rpartition("@")
    name, _, password = user.partition(":")
    secrets = aws.client("secretsmanager")
    of_database = secrets.create_secret(
        Name=f"db{uuid4().hex}", SecretString=json.dumps({"username": name, "password": password})
    )
    of_token = secrets.create_secret(Name=f"token{uuid4().hex}", SecretString=TOKEN)
    function = start(
        API,
        DATABASE_URL=f"{scheme}://{rest}",
        DATABASE_SECRET_ARN=of_database["ARN"],
        API_TOKEN_SECRET_ARN=of_token["ARN"],
    )
    app = webtest.TestApp(through(lambda event, _: function.invoke(event), "1.0"))

    assert app.get("/prod/uploads", headers={"Authorization": f"Bearer {TOKEN}"}).json == []


def test_link_takes_the_file_and_the_ledger_has_its_account(ask: webtest.TestApp, aws: Aws, start: Start) -> None:
    link = ask.post("/prod/upload-links/jobs?strict=true&nulls=%C3%BC,-", "", status=201).json
    before = ask.get(link["account_url"]).json

    sent = requests.post(link["url"], data=link["fields"], files={"file": b"1,Cook\n2,-\n"})
    load = start(LOAD)
    answer = load.invoke(aws.event(link["key"]))
    [upload] = ask.get(link["account_url"]).json

    assert link.keys() == {"url", "fields", "key", "max_bytes", "expires_at", "account_url"}
    assert link["max_bytes"] == 2**30
    assert before == []
    assert sent.status_code == 204
    assert answer == {"batchItemFailures": []}
    assert (upload["inserted"], upload["rejected"], upload["status"]) == (1, 1, "finished")
    assert upload["options"] == {"strict": True, "nulls": ["ü", "-"]}


@pytest.mark.parametrize(
    ("change", "content"),
    [
        pytest.param({"key": "incoming/jobs/another.csv"}, b"1,a\n", id="key"),
        pytest.param({"x-amz-meta-strict": "false"}, b"1,a\n", id="option"),
        pytest.param({"x-amz-meta-atomic": "true"}, b"1,a\n", id="another option"),
        pytest.param({"Content-Type": "text/html"}, b"1,a\n", id="type"),
        pytest.param({}, b"1,a\n" * 10, id="size"),
        pytest.param({}, b"", id="empty"),
    ],
)
def test_link_takes_nothing_else(start: Start, change: dict[str, str], content: bytes) -> None:
    function = start(API, API_TOKEN=TOKEN, LINK_BYTES_MAX="39")
    app = webtest.TestApp(through(lambda event, _: function.invoke(event), "1.0"))
    app.authorization = ("Bearer", TOKEN)
    link = app.post("/prod/upload-links/jobs?strict=true", "", status=201).json

    taken = requests.post(link["url"], data=link["fields"], files={"file": b"1,a\n"})
    sent = requests.post(link["url"], data=link["fields"] | change, files={"file": content})

    assert (taken.status_code, sent.status_code) == (204, 403)


def test_link_for_what_no_upload_takes_is_refused(start: Start) -> None:
    function = start(API, API_TOKEN=TOKEN, API_READ_TOKEN="a-token-that-only-reads")
    app = webtest.TestApp(through(lambda event, _: function.invoke(event), "1.0"))

    def ask(target: str, token: str = TOKEN) -> tuple[int, str]:
        answer = app.post(f"/prod/upload-links/{target}", "", {"Authorization": f"Bearer {token}"}, expect_errors=True)
        return answer.status_int, answer.json["code"]

    assert ask("cats") == (404, "unknown_table")
    assert ask("jobs?strict=yes") == (400, "bad_parameter")
    assert ask("jobs?strict=true&strict=true") == (400, "bad_parameter")
    assert ask("jobs", "a-token-that-only-reads") == (403, "read_only_token")
    assert ask("jobs", "no") == (401, "no_token")


def test_service_without_a_bucket_says_so(client: Client) -> None:
    answer = client.app.post("/upload-links/jobs", "", status=404).json

    assert answer["code"] == "no_bucket"
    assert "POST /upload/jobs" in answer["detail"]
