"""GET /tables and /tables/{table}.csv: what is stored can be seen, taken out and loaded again."""

from collections.abc import Callable
from pathlib import Path

from conftest import start_client
from servers.server import Server
from web_client import Client

from sql.files.statements import Statement
from sql.files.tables import Table


def test_tables_are_described_from_the_catalog(client: Client) -> None:
    client.upload("jobs", "1,Clerk\n2,Agent\n")

    def column(name: str, kind: str, required: bool) -> dict[str, object]:
        return {"name": name, "type": kind, "required": required}

    assert client.get("/tables") == [
        {
            "name": "departments",
            "columns": [column("id", "integer", True), column("department", "text", True)],
            "refers_to": [],
            "rows": 0,
            "url": "/tables/departments.csv",
        },
        {
            "name": "hired_employees",
            "columns": [
                column("id", "integer", True),
                column("name", "text", False),
                column("datetime", "timestamp", False),
                column("department_id", "integer", False),
                column("job_id", "integer", False),
            ],
            "refers_to": ["departments", "jobs"],
            "rows": 0,
            "url": "/tables/hired_employees.csv",
        },
        {
            "name": "jobs",
            "columns": [column("id", "integer", True), column("job", "text", True)],
            "refers_to": [],
            "rows": 2,
            "url": "/tables/jobs.csv",
        },
    ]


def test_tables_that_another_refers_to_are_those_that_its_references_read() -> None:
    text = '-- FROM cats\nSELECT 1 FROM json_each(:a)\nJOIN "Jobs" ON job_id\nUNION SELECT 1 from\n  departments'
    references = Statement("references", text, (), Path("references.sql"))

    table = Table("hires", (), {"references": references})

    assert table.refers_to(["cats", "departments", "dogs", "jobs"]) == ["departments", "jobs"]


def test_export_that_fails_before_it_begins_gives_its_place_back(server: Server, settings: dict[str, str]) -> None:
    client = start_client(settings | {"EXPORTS_MAX": "1"})
    client.get("/health")
    server.execute(settings["DATABASE_URL"], "DROP TABLE jobs")

    codes = [client.get("/tables/jobs.csv", status=503)["code"] for _ in range(2)]

    assert codes == ["database_unavailable"] * 2


def test_table_as_csv_is_in_order_of_its_ids(client: Client) -> None:
    client.upload("hired_employees", '7,"a, ""b""\nc",2021-01-01T00:00:00.5,,\n-3,,,1,2\n')

    answer = client.app.get("/tables/hired_employees.csv")

    assert answer.content_type == "text/csv"
    assert answer.body == (
        b'id,name,datetime,department_id,job_id\r\n-3,,,1,2\r\n7,"a, ""b""\nc",2021-01-01T00:00:00.5Z,,\r\n'
    )


def test_table_of_several_pages_uploads_again_as_it_is(client: Client, new_url: Callable[[], str]) -> None:
    least, most = -(2**63), 2**63 - 1
    lines = [f"{least},least", *(f"{i},n {i}" for i in range(2500)), f"{most},most"]
    client.upload("departments", "\n".join(lines))
    exported = client.app.get("/tables/departments.csv").body
    other = start_client({"DATABASE_URL": new_url()})

    answer = other.upload("departments", exported)

    assert (answer["read"], answer["inserted"]) == (2502, 2502)
    assert other.app.get("/tables/departments.csv").body == exported
    assert exported.decode().split("\r\n")[1:-1] == lines


def test_empty_table_as_csv_is_its_header(client: Client) -> None:
    assert client.app.get("/tables/jobs.csv").body == b"id,job\r\n"


def test_rows_are_read_by_id_a_page_at_a_time(client: Client) -> None:
    """The ids are the smallest and the largest that there are, and some between them."""
    ids = [-(2**63), -1, 0, 7, 2**63 - 1]
    client.upload("jobs", "".join(f"{number},Job\n" for number in ids))
    read, first = [], ids[0]

    while first is not None:
        page = client.get(f"/tables/jobs?from={first}&limit=2")
        read += [row["id"] for row in page["rows"]]
        first = page["next"]

    assert read == ids
    assert client.get("/tables/jobs?from=1&limit=1") == {"rows": [{"id": 7, "job": "Job"}], "next": 2**63 - 1}
    assert client.get("/tables/departments") == {"rows": [], "next": None}
    assert client.get("/tables/cats", 404)["code"] == "unknown_table"
    assert client.get("/tables/jobs?limit=0", 400)["code"] == "bad_parameter"
