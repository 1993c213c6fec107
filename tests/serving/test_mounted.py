"""A service that is mounted below a path: its answers have URLs of that path, and so has its page."""

import pytest
from conftest import GATEWAY
from web_client import Client

pytestmark = [
    pytest.mark.parametrize("server", ["sqlite"], indirect=True),
    pytest.mark.skipif(GATEWAY is not None, reason="API Gateway says itself where it is mounted"),
]

MOUNTED = {"SCRIPT_NAME": "/prod"}
"""How a server says so (PEP 3333)."""


def test_answers_have_urls_below_the_path(client: Client) -> None:
    app = client.app

    stored = app.post("/upload/jobs", "1,Cook\nx,no\n", {"Content-Type": "text/csv"}, extra_environ=MOUNTED).json
    refused = app.post("/upload/jobs", "id,cat\n1,a\n", {"Content-Type": "text/csv"}, MOUNTED, status=422).json
    tables = app.get("/tables", extra_environ=MOUNTED).json
    reports = app.get("/stats", extra_environ=MOUNTED).json

    assert (stored["ids_url"], stored["rejects_url"]) == ("/prod/uploads/1/ids.csv", "/prod/uploads/1/rejects.csv")
    assert (refused["ids_url"], refused["rejects_url"]) == ("/prod/uploads/2/ids.csv", "/prod/uploads/2/rejects.csv")
    assert {table["url"] for table in tables} == {f"/prod/tables/{table['name']}.csv" for table in tables}
    assert all(report["url"].startswith("/prod/stats/") for report in reports)


def test_page_asks_for_its_files_below_the_path(client: Client) -> None:
    html = {"Accept": "text/html"}

    mounted = client.app.get("/", headers=html, extra_environ=MOUNTED).text
    strange = client.app.get("/", headers=html, extra_environ={"SCRIPT_NAME": '/"><script>'}).text

    assert mounted.count('"/prod/page/') == 4
    assert mounted.count('="/') == mounted.count('="/prod/')
    assert "<script>" not in strange
