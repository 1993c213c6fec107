"""Reports: each case is a folder of CSV files, a query and the answer that is expected."""

import json
from pathlib import Path

import pytest
from conftest import start_client
from plans import reads
from project import PROJECT
from servers.server import Server
from web_client import Client

CASES = Path(__file__).parent / "stats"

ONCE = {
    "sqlite": ["SCAN hired_employees"],
    "postgresql": ["Seq Scan on hired_employees"],
    "mysql": ["ALL hired_employees"],
}
"""What each database's plan says of a table that it reads once, from its beginning to its end."""


@pytest.mark.parametrize("case", sorted(CASES.glob("*/*/")), ids=lambda case: f"{case.parent.name}/{case.name}")
def test_report_answers_as_the_case_expects(client: Client, case: Path) -> None:
    for file in sorted(case.glob("*.csv")):
        assert client.upload(file.stem, file.read_bytes())["rejected"] == 0

    answer = client.get(f"/stats/{(case / 'query').read_text().strip()}")

    assert answer == json.loads((case / "expected.json").read_text())


def test_every_report_has_a_case() -> None:
    assert {path.name for path in CASES.iterdir()} == {path.stem for path in PROJECT.glob("sql/*/stats/*.sql")}


@pytest.mark.proves(
    "they end in time: each reads every row once, and not anew for what it joins or shows",
    "reports on many rows",
    "the count before the join; the one place where a count stands",
)
@pytest.mark.parametrize("report", sorted(path.name for path in CASES.iterdir()))
def test_report_reads_each_hire_once(server: Server, client: Client, settings: dict[str, str], report: str) -> None:
    client.upload("departments", "1,a\n2,b\n3,c\n")
    client.upload("jobs", "1,d\n2,e\n3,f\n")
    client.upload("hired_employees", "".join(f"{i},x,2021-01-01,{i % 3},{i % 5}\n" for i in range(1000)))
    statement = (PROJECT / f"sql/{server.name}/stats/{report}.sql").read_text()

    found = reads(server, settings["DATABASE_URL"], "hired_employees", statement, {"year": 2021})

    assert found == ONCE[server.name]


def test_reports_are_listed_with_their_parameters(client: Client) -> None:
    year = {"name": "year", "type": "integer", "default": 2021}

    reports = client.get("/stats")

    assert [(report["name"], report["parameters"], report["url"]) for report in reports] == [
        ("data-quality", [], "/stats/data-quality"),
        ("hires-per-quarter-{year}", [year], "/stats/hires-per-quarter-2021"),
        ("mean-hires-per-department", [year], "/stats/mean-hires-per-department"),
        ("top-departments-hired", [year], "/stats/top-departments-hired"),
    ]
    assert reports[0]["description"] == (
        "One problem of one column of hired_employees, with the number of rows that have it: "
        "missing is an empty field, unknown an id that no row of departments or jobs has."
    )
    for report in reports:
        client.get(report["url"])


@pytest.mark.parametrize(
    ("query", "accept"), [("?format=csv", "*/*"), ("", "text/csv"), ("?format=csv", "application/json")]
)
def test_report_as_csv(client: Client, query: str, accept: str) -> None:
    client.upload("departments", '1,"Sales, ""EMEA"""\n2,Empty\n')
    client.upload("hired_employees", "1,a,2021-01-01,1,1\n")

    answer = client.app.get(f"/stats/top-departments-hired{query}", headers={"Accept": accept})

    assert answer.content_type == "text/csv"
    assert answer.body == b'id,department,hired\r\n1,"Sales, ""EMEA""",1\r\n'


@pytest.mark.parametrize(("query", "accept"), [("", "*/*"), ("?format=json", "text/csv"), ("", "text/html")])
def test_report_as_json(client: Client, query: str, accept: str) -> None:
    assert client.get(f"/stats/top-departments-hired{query}", Accept=accept) == []


def test_empty_report_as_csv_still_has_its_header(client: Client) -> None:
    assert client.app.get("/stats/top-departments-hired?format=csv").body == b"id,department,hired\r\n"


@pytest.mark.parametrize("form", ["json", "csv"])
def test_report_with_too_many_rows_is_refused(settings: dict[str, str], form: str) -> None:
    client = start_client(settings | {"REPORT_ROWS_MAX": "2"})
    client.upload("departments", "1,a\n2,b\n3,c\n4,d\n")
    client.upload("hired_employees", "1,x,2021-01-01,1,1\n2,x,2021-01-01,2,1\n3,x,2020-01-01,3,1\n")
    url = f"/stats/top-departments-hired?format={form}"
    within = client.app.get(url)

    client.upload("departments", "5,e\n6,f\n")
    client.upload("hired_employees", "4,x,2021-01-01,3,1\n")
    beyond = client.get(url, status=422)

    assert within.text.count("1") >= 2
    assert beyond["detail"] == "the answer has over 2 rows (REPORT_ROWS_MAX): ask for fewer by its parameters"
    assert len(client.rows("departments")) == 6
