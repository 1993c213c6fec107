"""The page in a real browser: files in, their accounts, the ledger and the reports."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import EXAMPLES, Open, account_of, browser, choose, file, load, opened, visit
from conftest import start_client
from playwright.sync_api import expect
from project import PROJECT
from served import Served
from servers.server import Server
from web_client import Client

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

TOKEN = "correct-horse-battery"
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"


def test_example_files_are_loaded_each_into_its_table_and_accounted_for(
    serve: Callable[..., Served], visit: Open
) -> None:
    served = serve().wait()
    page = visit(served)

    load(page, *reversed(EXAMPLES.values()))

    assert account_of(page, "departments.csv into departments") == "Of 4 rows: 4 stored."
    assert account_of(page, "hired_employees.csv into hired_employees") == (
        "Of 13 rows: 10 stored; 2 skipped, whose ids were there already or came before in the file "
        "(1 with other values than the stored row, which stays); 1 refused."
    )
    refused = page.get_by_role("region", name="department_id: not an integer", exact=True).locator("tbody tr")
    assert refused.locator("td").all_inner_texts() == [
        "13", "department_id is not an integer: 'four'", "11,Mia Novak,2021-07-01T09:00:00Z,four,4",
    ]  # fmt: skip
    assert refused.locator("mark").inner_text() == "four"
    skipped = page.locator("details", has_text="Ids that were skipped (2)")
    expect(skipped.locator("p").first).to_be_hidden()
    skipped.locator("summary").click()
    assert skipped.locator("p").all_inner_texts() == [
        "3, 5", "With other values than the stored row: 5",
        "Download ids-3.csv with every id of the file and what became of its row.",
    ]  # fmt: skip
    with page.expect_download() as download:
        page.get_by_role("button", name="Download ids-3.csv").click()
    assert download.value.path().read_bytes() == served.read("/uploads/3/ids.csv")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download rejects-3.csv").click()
    assert download.value.path().read_bytes() == served.read("/uploads/3/rejects.csv")
    expect(page.locator("#ledger tbody tr")).to_have_count(3)
    first = page.locator("#ledger tbody tr").first.locator("td").all_inner_texts()
    assert first[:3] + first[4:] == [
        "3",
        "hired_employees.csv",
        "hired_employees",
        "finished",
        "13",
        "10",
        "0",
        "2",
        "1",
    ]
    page.get_by_role("button", name="Show upload 3").click()
    expect(page.locator("#upload").get_by_role("heading")).to_contain_text("Upload 3: hired_employees.csv")


def test_reports_are_drawn_and_follow_the_year(serve: Callable[..., Served], visit: Open) -> None:
    served = serve().wait()
    page = visit(served)
    quality = page.get_by_role("region", name="Data quality", exact=True)
    expect(quality).to_contain_text("No stored row has any of these problems.")

    load(page, *EXAMPLES.values())

    hires = page.get_by_role("region", name="Hires per quarter", exact=True)
    expect(hires.locator(".heat tbody tr")).to_have_count(3)
    assert hires.locator(".heat tbody tr").all_inner_texts() == [
        "Engineering\t2\t1\t0\t1",
        "Legal\t0\t1\t0\t0",
        "Sales\t1\t0\t2\t0",
    ]
    hires.get_by_label("Department").select_option("Sales")
    assert hires.locator(".heat tbody tr").all_inner_texts() == ["Account Manager\t1\t0\t2\t0"]
    top = page.get_by_role("region", name="Top departments hired", exact=True)
    assert top.locator("figcaption").inner_text() == "The line is the mean over all departments: 2 hires"
    assert top.locator("li .label").all_inner_texts() == ["Engineering", "Sales"]
    expect(quality.locator("li:not(.none)")).to_have_text(["1 row of hired_employees: datetime is missing"])
    with page.expect_download() as download:
        top.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "top-departments-hired.csv"
    assert download.value.path().read_bytes() == served.read("/stats/top-departments-hired?format=csv")
    hires.get_by_label("Year").fill("2019")
    hires.get_by_role("button", name="Show").click()
    expect(hires.get_by_text("No rows.")).to_be_visible()


DRAW_MUCH = """async ([quarters, departments]) => {
  const { bars, heatMap } = await import("/page/reports/charts.js");
  const hired = Array.from({ length: departments }, (_, id) => ({ department: `D${id}`, hired: id }));
  const rows = Array.from({ length: quarters / 4 }, (_, id) => ({ department: `D${id}`, job: "Clerk", Q1: 1, Q2: 0, Q3: id, Q4: 0 }));
  const heat = heatMap(rows, [2021], {}, () => {});
  const all = heat.querySelectorAll("tbody tr").length;
  const last = heat.querySelector("tbody tr:last-child td:nth-of-type(3)").style.getPropertyValue("--heat");
  heat.querySelector("select").value = "D7";
  heat.querySelector("select").dispatchEvent(new Event("change"));
  const jobs = heat.querySelector("tbody").textContent;
  const longest = (await bars(hired, [2021])).querySelector("li:last-child .length").style.getPropertyValue("--part");
  return [all, last, jobs, longest];
}"""
"""Draws charts of so many quarters, and departments, as the page does, but where nobody has to see them all."""


def test_charts_of_more_cells_than_a_call_takes_arguments_are_drawn(serve: Callable[..., Served], visit: Open) -> None:
    page = visit(serve().wait())

    drawn = page.evaluate(DRAW_MUCH, [160_000, 150_000])

    assert drawn == [40_000, "1", "Clerk11007700", "1"]  # each number with its short form


def test_report_that_is_added_is_shown_as_a_table(serve: Callable[..., Served], visit: Open, tmp_path: Path) -> None:
    shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns(".*", "*.db*"))
    shutil.copytree(
        PROJECT / "tests/databases/added/sqlite/stats", tmp_path / "project/sql/sqlite/stats", dirs_exist_ok=True
    )
    page = visit(serve(folder=tmp_path / "project").wait())

    load(page, *EXAMPLES.values())

    report = page.get_by_role("region", name="Hires per job", exact=True)
    expect(report.locator("tbody tr")).to_have_count(3)
    assert report.locator("tr").all_inner_texts()[:2] == ["job\thires", "Account Manager\t3"]


def test_report_of_a_number_by_year_is_drawn_and_a_link_opens_it_with_its_parameters(
    serve: Callable[..., Served], visit: Open, tmp_path: Path
) -> None:
    shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns(".*", "*.db*"))
    (tmp_path / "project/sql/sqlite/stats/hires-per-year.sql").write_text(
        "-- The hires of one year, from a year on.\n-- :first integer = 2021\n"
        "SELECT CAST(strftime('%Y', datetime) AS INTEGER) AS year, count(*) AS hires FROM hired_employees\n"
        "WHERE substr(datetime, 1, 4) >= printf('%04d', :first) GROUP BY year ORDER BY year"
    )
    page = visit(serve(folder=tmp_path / "project").wait())
    load(page, file("hired_employees.csv", "1,Ana,2020-01-01,1,1\n2,Eva,2021-01-01,1,1\n3,Ida,2021-02-01,1,1\n"))
    report = page.get_by_role("region", name="Hires per year", exact=True)
    expect(report.locator(".series li")).to_have_text(["20212 hires"])

    report.get_by_label("First").fill("2020")
    report.get_by_role("button", name="Show").click()
    expect(report.locator(".series li")).to_have_text(["20201 hires", "20212 hires"])
    page.reload()

    expect(report.locator(".series li")).to_have_text(["20201 hires", "20212 hires"])


def test_table_is_guessed_from_header_then_name_and_can_be_changed(serve: Callable[..., Served], visit: Open) -> None:
    page = visit(serve().wait())
    files = [
        file("a.csv", "ID;Job\n1;x\n"),
        file("Old Jobs 2019.csv", "1,x\n"),
        file("b.csv", "1,Ana,2021-01-01,1,1\n"),
        file("c.csv", "1,x\n"),
    ]

    choose(page, *files)

    selects = page.locator("#chosen .line select")
    assert [selects.nth(place).input_value() for place in range(4)] == ["jobs", "jobs", "hired_employees", ""]
    expect(page.locator("#chosen .state").last).to_have_text("It fits departments and jobs alike: choose one.")
    choice = page.get_by_label("Table for c.csv")
    expect(choice.locator("option")).to_have_text(
        ["choose a table", "departments (fits)", "hired_employees", "jobs (fits)"]
    )
    choice.select_option("departments")
    page.get_by_role("button", name="Remove b.csv").click()
    page.get_by_role("button", name="Load 3 files").click()
    expect(page.locator("#summary")).to_contain_text("Of 3 files: 2 loaded, 1 there already.")
    assert account_of(page, "c.csv into departments") == "Of 1 row: 1 stored."


def test_files_are_dropped_anywhere(serve: Callable[..., Served], visit: Open) -> None:
    page = visit(serve().wait())
    page.wait_for_load_state("networkidle")  # then it knows the tables, and takes files
    dropped = page.evaluate_handle(
        """() => {
            const dropped = new DataTransfer();
            dropped.items.add(new File(["1,Clerk\\n"], "jobs.csv"));
            return dropped;
        }"""
    )

    page.dispatch_event("#reports", "drop", {"dataTransfer": dropped})
    expect(page.locator("#chosen .state")).to_have_text("The first row fits.")
    page.get_by_role("button", name="Load 1 file").click()

    expect(page.locator("#chosen .state")).to_have_text("1 stored.")


WHOLE = "They have to be corrected in jobs.csv itself, since nothing of it is stored."


@pytest.mark.parametrize(
    ("options", "content", "problem", "words", "advice", "rows"),
    [
        ([], "1,a\nx,b\n", None, "Of 2 rows: 1 stored; 1 refused.", "Correct them in that file, choose it above, and load it.", 1),
        (["Dry run"], "1,a\nx,b\n", None, "A dry run: nothing is stored. Of 2 rows: 1 could be stored; 1 refused.", WHOLE, 0),
        (["Atomic"], "1,a\nx,b\n", "Of 2 records 1 did not fit", "Nothing is stored, as the load was atomic. Of 2 rows: 1 could be stored; 1 refused.", WHOLE, 0),
        ([], "1,a,b\n", "No record of 1 fits jobs", "Of 1 row: 0 stored; 1 refused.", "If a hint above is right, load jobs.csv again in that way: what is stored is skipped. Else correct the rows in that file, choose it above, and load it.", 0),
        ([], "1,a\nx,b\ny,b\n2,b\n" + "3,c\n" * 5, "More than 1 records were refused", "Of 4 rows: 2 stored; 2 refused.", "The load ended after 4 rows, and the others were not read: send jobs.csv again, once it is corrected. What is stored is skipped.", 2),
    ],
    ids=["some refused", "dry run", "atomic", "nothing fits", "too many"],
)  # fmt: skip
def test_what_became_of_a_file_and_what_to_do_is_told_in_words(
    serve: Callable[..., Served],
    visit: Open,
    options: list[str],
    content: str,
    problem: str | None,
    words: str,
    advice: str,
    rows: int,
) -> None:
    served = serve(MAX_REJECTS="1", BATCH_ROWS="2").wait()
    page = visit(served)
    page.get_by_text("Options").click()
    for option in options:
        page.get_by_label(option).check()

    load(page, file("jobs.csv", content))

    article = page.locator("article")
    problems = article.get_by_role("alert").all_inner_texts()
    assert [problem in told for told in problems] == [True] * bool(problem)
    assert not any("=" in told for told in problems)  # what helps is a button here, and no option of a URL
    assert article.locator(".words").all_inner_texts() == [words]
    assert page.get_by_text(advice).is_visible()
    assert served.read("/tables/jobs.csv").count(b"\r\n") == 1 + rows


def test_file_that_is_not_stored_stays_to_be_loaded_in_another_way(serve: Callable[..., Served], visit: Open) -> None:
    page = visit(serve().wait())
    page.get_by_text("Options").click()
    page.get_by_label("Dry run").check()
    choose(page, EXAMPLES["jobs"])
    assert page.locator("#options summary").inner_text() == "Options: dry run"
    page.get_by_role("button", name="Dry run of 1 file").click()
    expect(page.locator("#chosen .state")).to_contain_text("Dry run: 4 could be stored.")
    expect(page.locator("#summary")).to_be_focused()

    page.get_by_label("Dry run").uncheck()
    page.get_by_role("button", name="Load 1 file").click()

    expect(page.locator("#summary")).to_contain_text("Of 1 file: 1 loaded.")
    assert page.get_by_role("status").first.inner_text() == "jobs.csv: 4 stored."


def test_file_that_is_gone_is_said_to_be(serve: Callable[..., Served], visit: Open, tmp_path: Path) -> None:
    page = visit(serve().wait())
    gone = tmp_path / "jobs.csv"
    gone.write_text("1,Clerk\n")
    choose(page, gone)
    gone.unlink()

    page.get_by_role("button", name="Load 1 file").click()

    expect(page.locator("article .problem")).to_have_text(
        "The file is gone, or was changed after it was chosen. Choose it again."
    )


@pytest.mark.parametrize(
    ("record", "marked", "shown"),
    [
        ('1;"a ""b"" ; c";2021-01-01;x;1', "x", '1;"a ""b"" ; c";2021-01-01;x;1'),
        ("1;a;soon;1;1", "soon", "1;a;soon;1;1"),
        ("1;a;2021-01-01;1;1\n;a;2021-01-01;1;1", "(empty)", "(empty);a;2021-01-01;1;1"),
        ('1;"two\nlines";2021-01-01;1;x', "x", '1;"two\nlines";2021-01-01;1;x'),
        ("1;" + "n" * 1001 + ";2021-01-01;1;1", "n" * 150 + "…", None),
    ],
    ids=["quotes", "plain", "empty", "line end", "long"],
)
def test_field_at_fault_is_marked(
    serve: Callable[..., Served], visit: Open, record: str, marked: str, shown: str | None
) -> None:
    page = visit(serve().wait())

    load(page, file("hired_employees.csv", f"{record}\n"))

    assert page.locator("article mark").inner_text() == marked
    assert shown is None or page.locator("article code").inner_text() == shown


def test_what_is_shown_stays_when_the_service_is_gone(serve: Callable[..., Served], visit: Open) -> None:
    served = serve().wait()
    page = visit(served)
    load(page, *EXAMPLES.values())
    expect(page.locator(".heat tbody tr")).to_have_count(3)
    served.stop()

    choose(page, file("jobs.csv", "9,x\n"))
    page.get_by_role("button", name="Load 1 file").click()

    told = page.locator("article .problem")
    expect(told).to_have_text(re.compile("connection to the service broke off"))
    expect(page.locator(".report .problem").first).to_have_text(re.compile("cannot be reached"))
    expect(page.locator("#chosen .state").last).to_contain_text("Not loaded. The connection")
    assert page.locator(".heat tbody tr").count() == 3
    assert page.locator("#ledger tbody tr").count() == 3


def test_rows_so_far_are_shown_while_a_file_is_loaded(
    serve: Callable[..., Served], visit: Open, server: Server, settings: dict[str, str]
) -> None:
    page = visit(serve(*server.arguments, BATCH_ROWS="100").wait())
    page.set_input_files("#choose", file("jobs.csv", "".join(f"{number},Job\n" for number in range(1, 2001))))

    with server.hold_at(settings["DATABASE_URL"], 1001):
        page.get_by_role("button", name="Load 1 file").click()

        expect(page.locator("#chosen .state")).to_have_text(
            re.compile(r"^Loading 1,000 rows so far(, about \d+ (s|min) left)?$")
        )
        expect(page.locator("#chosen progress")).to_have_attribute("value", re.compile(r"^0\.\d+$"))
    expect(page.locator("#chosen .state")).to_have_text("2,000 stored.")
    assert account_of(page, "jobs.csv into jobs") == "Of 2,000 rows: 2,000 stored."


def test_page_is_used_by_keyboard_alone(serve: Callable[..., Served], visit: Open) -> None:
    page = visit(serve().wait())
    expect(page.locator(".report")).to_have_count(3)
    press = page.keyboard.press
    page.on("filechooser", lambda chooser: chooser.set_files(EXAMPLES["jobs"]))

    press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the files"
    press("Enter")
    expect(page.locator("#files")).to_be_focused()
    press("Tab")
    expect(page.locator("#choose")).to_be_focused()
    press("Enter")
    expect(page.locator("#chosen > li")).to_have_count(1)
    for _ in range(5):  # the file, its table, leave out, options, load
        press("Tab")
    press("Enter")

    expect(page.locator("#summary")).to_be_focused()
    assert account_of(page, "jobs.csv into jobs") == "Of 4 rows: 4 stored."


def test_page_asks_for_the_token_and_keeps_it_for_the_tab(serve: Callable[..., Served], visit: Open) -> None:
    page = visit(serve(API_TOKEN=TOKEN).wait())
    dialog = page.get_by_role("dialog")

    for wrong in ("not-the-token-at-all", "correct\u2014horse\u2014battery"):
        dialog.get_by_label("Token").fill(wrong)
        dialog.get_by_role("button", name="Go on").click()
        expect(dialog.get_by_role("alert")).to_have_text("That is not the token.")
    dialog.get_by_label("Token").fill(TOKEN)
    dialog.get_by_role("button", name="Go on").click()
    load(page, EXAMPLES["jobs"])

    assert account_of(page, "jobs.csv into jobs") == "Of 4 rows: 4 stored."
    assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    page.reload()
    expect(page.locator("#ledger tbody tr")).to_have_count(1)
    expect(dialog).to_be_hidden()


def test_page_gives_the_description_also_where_a_token_is_asked_for(serve: Callable[..., Served], visit: Open) -> None:
    page = visit(serve(API_TOKEN=TOKEN).wait())
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Token").fill(TOKEN)
    dialog.get_by_role("button", name="Go on").click()

    with page.expect_download() as download:
        page.get_by_role("link", name="OpenAPI").click()

    assert download.value.suggested_filename == "loadbay-openapi.json"
    assert Path(download.value.path()).read_text().startswith('{"openapi": "3.1.')


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_page_has_no_barrier_and_fits(serve: Callable[..., Served], visit: Open, width: int, scheme: str) -> None:
    page = visit(serve().wait(), width, scheme)
    empty = Axe().run(page).response["violations"]
    page.get_by_text("Options").click()

    load(page, *EXAMPLES.values())
    expect(page.locator(".heat tbody tr")).to_have_count(3)
    for summary in page.locator("summary").all()[1:]:
        summary.click()
    page.set_input_files("#choose", [*EXAMPLES.values()])
    expect(page.locator("#chosen > li")).to_have_count(3)

    assert empty == []
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(
    ("accept", "is_page"), [(HTML, True), ("*/*", False), ("application/json", False), ("", False)]
)
def test_browser_gets_the_page_and_anything_else_the_urls(client: Client, accept: str, is_page: bool) -> None:
    answer = client.app.get("/", headers={"Accept": accept})

    assert answer.headers["Vary"] == "Accept"
    if is_page:
        assert answer.content_type == "text/html"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    else:
        assert "POST /upload/{table}" in answer.json


@pytest.mark.parametrize("path", ["/page/nope.js", "/page/../service.py", "/page/%2e%2e/service.py", "/page/", "/page"])
def test_only_the_pages_own_files_are_below_it(client: Client, path: str) -> None:
    assert client.app.get(path, status=404).json["status"] == 404


def test_page_needs_no_token_and_what_it_shows_does(settings: dict[str, str]) -> None:
    client = start_client(settings | {"API_TOKEN": TOKEN})

    assert client.app.get("/", headers={"Accept": HTML}).content_type == "text/html"
    assert client.app.get("/page/main.js").content_type == "text/javascript"
    for path in ("/", "/tables", "/page/../tables", "/page/main.js/../../stats"):
        assert client.app.get(path, status="4*").status_int in (401, 404)
    assert client.app.post("/page/main.js", status="4*").status_int == 401
