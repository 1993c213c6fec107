"""GET /openapi.json: the description is OpenAPI 3.1, and has all that is there."""

import shutil
from collections.abc import Callable
from pathlib import Path

import falcon.inspect
import pytest
from conftest import GATEWAY, start_client
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from project import PROJECT
from served import Served
from servers.server import Server
from web_client import Client

import service

TOKEN = "a-token-of-this-test"
ONLY_SQLITE = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


def test_description_is_openapi(client: Client) -> None:
    described = client.get("/openapi.json")

    validate(described, cls=OpenAPIV31SpecValidator)
    assert described["openapi"].startswith("3.1.")
    assert described["info"]["version"] == service.VERSION


@pytest.mark.skipif(GATEWAY is not None, reason="its app is no Falcon's")
@ONLY_SQLITE
def test_every_route_is_described(client: Client) -> None:
    app = client.app.app
    reports = [f"/stats/{report['name']}" for report in client.get("/stats")]
    routes = {
        (path, method.method)
        for route in falcon.inspect.inspect_routes(app)
        for method in route.methods
        if not method.internal
        for path in (reports if "{report}" in route.path else [route.path])
    }

    described = {
        (path, method.upper()) for path, entry in client.get("/openapi.json")["paths"].items() for method in entry
    }

    assert described == {(path, method) for path, method in routes if method != "HEAD"}


@ONLY_SQLITE
def test_every_parameter_of_an_upload_is_explained(client: Client) -> None:
    parameters = client.get("/openapi.json")["paths"]["/upload/{table}"]["post"]["parameters"]

    in_query = {each["name"]: each for each in parameters if each.get("in") == "query"}

    assert {"strict", "header", "columns", "dates", "max_rejects"} <= in_query.keys()
    assert [name for name, each in in_query.items() if not each.get("description")] == []
    assert in_query["on_conflict"]["schema"] == {"type": "string", "enum": ["skip", "update", "refuse"]}


def test_added_table_and_report_are_described(copy: Path, server: Server, serve: Callable[..., Served]) -> None:
    added = PROJECT / "tests/databases/added" / server.name
    folder = copy / "sql" / server.name
    shutil.copy(added / "stats/hires-per-job-{year}.sql", folder / "stats")
    shutil.copytree(added / "tables/offices", folder / "tables/offices")

    described = serve(folder=copy).wait().get("/openapi.json")

    validate(described, cls=OpenAPIV31SpecValidator)
    report = described["paths"]["/stats/hires-per-job-{year}"]["get"]
    assert report["summary"] == "One job and its number of hires in the year, by job."
    year, asked = report["parameters"][:2]
    assert (year["in"], year["name"], year["required"], year["schema"]["default"]) == ("path", "year", True, 2021)
    assert (asked["in"], asked["name"], asked["schema"]["enum"]) == ("query", "format", ["json", "csv"])
    (table, *_) = described["paths"]["/upload/{table}"]["post"]["parameters"]
    assert table["schema"]["enum"] == ["departments", "hired_employees", "jobs", "offices"]
    assert described["components"]["schemas"]["row_of_offices"] == {
        "type": "object",
        "required": ["id", "city", "opened"],
        "properties": {
            "id": {"type": "integer", "format": "int64"},
            "city": {"type": "string", "maxLength": 1000},
            "opened": {"type": ["string", "null"], "format": "date-time"},
        },
    }


@ONLY_SQLITE
def test_token_is_described_where_one_is_set(settings: dict[str, str]) -> None:
    client = start_client(settings | {"API_TOKEN": TOKEN})
    refused = client.get("/openapi.json", 401)
    client.app.authorization = ("Bearer", TOKEN)

    described = client.get("/openapi.json")

    assert refused["code"] == "no_token"
    assert described["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    assert {
        path: entry["get"]["security"] for path, entry in described["paths"].items() if path.startswith("/health")
    } == {"/health": [], "/health/live": []}
    upload = described["paths"]["/upload/{table}"]["post"]
    assert upload["security"] == [{"token": []}]
    assert upload["responses"]["403"] == {"$ref": "#/components/responses/Upload403-read_only_token"}


@pytest.mark.skipif(GATEWAY is not None, reason="API Gateway says itself where it is mounted")
@ONLY_SQLITE
def test_service_below_a_path_says_so(client: Client) -> None:
    described = client.app.get("/openapi.json", extra_environ={"SCRIPT_NAME": "/loadbay"}).json

    assert described["servers"] == [{"url": "/loadbay"}]
