"""How a file will be read, as the page shows it before anything is loaded; each test is somebody's file."""

import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Open, account_of, browser, choose, file, load, opened, visit
from playwright.sync_api import Locator, expect
from project import PROJECT
from served import Served

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

HIRES = PROJECT / "examples/hired_employees.csv"

Serve = Callable[..., Served]


def workbook() -> bytes:
    """Return what a spreadsheet saves, as far as it takes to tell."""
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as files:
        files.writestr("[Content_Types].xml", "<Types/>")
        files.writestr("xl/workbook.xml", "<workbook/>")
    return book.getvalue()


def cells(line: Locator, place: int) -> list[str]:
    """Return the cells of a row of the preview in an opened line, behind the number of its line."""
    return line.locator(".preview tbody tr").nth(place).locator("td").all_inner_texts()[1:]


def test_semicolons_in_cp1252_are_seen_and_read_by_one_click(serve: Serve, visit: Open) -> None:
    served = serve().wait()
    page = visit(served)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    choose(page, file("jobs.csv", "id;job\n1;Köchin\n2;Clerk\n".encode("cp1252")))
    line = opened(page, "jobs.csv")
    expect(line.get_by_label("Delimiter").locator("option:checked")).to_have_text("found: semicolon ;")
    assert line.locator("tr.refused td").all_inner_texts()[2:] == ["1", "K\\xF6chin"]

    line.get_by_role("button", name="Read it as cp1252").click()
    expect(line.locator(".state")).to_have_text("The first 2 rows fit.")

    assert cells(line, 0) == ["1", "Köchin"]
    expect(line.get_by_label("Encoding")).to_have_value("cp1252")
    page.get_by_role("button", name="Load 1 file").click()
    expect(line.locator(".state")).to_have_text("2 stored.")
    assert "Köchin" in served.read("/tables/jobs.csv").decode()


def test_unknown_names_are_given_their_columns_and_the_command_does_the_same(
    serve: Serve, visit: Open, tmp_path: Path
) -> None:
    """The columns stand in another order, and one is of no use."""
    served = serve().wait()
    page = visit(served)
    name = "it's mine.csv"
    (tmp_path / name).write_text("Role,Grade,Nr\nCook,A,1\nClerk,B,2\n")

    choose(page, tmp_path / name)
    page.get_by_label(f"Table for {name}").select_option("jobs")
    line = opened(page, name)
    expect(line.locator(".preview .problem")).to_contain_text("has neither a column's name")
    expect(line.get_by_role("group", name="Columns without a field")).to_contain_text("Required: id, job.")
    line.get_by_label("Field for id").select_option("Nr")
    line.get_by_label("Field for job").select_option("Role")

    expect(line.locator(".state")).to_have_text("The first 2 rows fit.")
    assert [cells(line, place) for place in (0, 1)] == [["1", "Cook", "A"], ["2", "Clerk", "B"]]
    page.get_by_role("button", name="Load 1 file").click()
    expect(line.locator(".state")).to_have_text("2 stored.")
    command = line.locator(".command code").text_content()
    again = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert '"skipped": 2' in again.stdout


def test_column_may_be_left_out(serve: Serve, visit: Open) -> None:
    served = serve().wait()
    page = visit(served)

    choose(page, HIRES)
    line = opened(page, HIRES.name)
    line.get_by_label("Field for name").select_option("none")
    expect(line.locator(".command code")).to_contain_text("columns=id,-,datetime,department_id,job_id")
    page.get_by_role("button", name="Load 1 file").click()

    expect(page.locator("#summary")).to_contain_text("1 loaded")
    assert all(row.split(",")[1] == "" for row in served.read("/tables/hired_employees.csv").decode().splitlines()[1:])


def test_us_dates_are_read_once_the_hint_is_followed_and_that_can_be_taken_back(serve: Serve, visit: Open) -> None:
    page = visit(serve().wait())

    choose(page, file("hires.csv", "1,Ana,07/27/2021,1,1\n2,Eva,12/31/2021,1,1\n"))
    page.get_by_label("Table for hires.csv").select_option("hired_employees")
    line = opened(page, "hires.csv")
    expect(line.locator("tbody mark").first).to_have_text("07/27/2021")
    line.get_by_role("button", name="Read the dates as month, day, year").click()

    expect(line.locator(".state")).to_have_text("The first 2 rows fit.")
    assert cells(line, 0) == ["1", "Ana", "2021-07-27T00:00:00Z", "1", "1"]
    line.get_by_role("button", name="Take back: Read the dates as month, day, year").click()
    expect(line.locator(".state")).to_have_text("2 of the first 2 rows would be refused.")


def test_title_above_the_header_is_passed_over(serve: Serve, visit: Open) -> None:
    page = visit(serve().wait())

    choose(page, file("Report 2021.csv", "Jobs of 2021\n\nid,job\n1,Cook\n"))
    page.get_by_label("Table for Report 2021.csv").select_option("jobs")
    line = opened(page, "Report 2021.csv")
    expect(line.locator(".state")).to_have_text("Not ready: its first records do not fit the table.")
    expect(line.locator("thead")).to_contain_text("field 2 (left out)")  # the title has but one
    line.get_by_role("button", name="Take line 3 as the header").click()

    expect(line.locator(".state")).to_have_text("The first row fits.")
    assert cells(line, 0) == ["1", "Cook"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("jobs.csv", workbook(), "Cannot be loaded: the file is a workbook"),
        ("jobs.csv", b"", "Cannot be loaded: the file has no records."),
        ("jobs.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG"),
        ("jobs.csv", b"id,jbo\n1,a\n", "Not ready: its first records do not fit the table."),
    ],
    ids=["a workbook", "empty", "a picture", "another header"],
)
def test_file_that_is_no_table_says_so_before_it_is_loaded(
    serve: Serve, visit: Open, name: str, content: bytes, said: str
) -> None:
    page = visit(serve().wait())

    choose(page, file(name, content))
    line = opened(page, name)

    expect(line.locator(".state")).to_contain_text(said)
    expect(page.locator("#load")).to_be_hidden()


def test_each_file_is_read_in_its_own_way(serve: Serve, visit: Open) -> None:
    served = serve().wait()
    page = visit(served)

    choose(
        page,
        file("jobs.csv", "id,job\n1,Köchin\n".encode("cp1252")),
        file("departments.csv", "id,department\n1,Küche\n"),
    )
    opened(page, "jobs.csv").get_by_label("Encoding").select_option("cp1252")
    expect(opened(page, "jobs.csv").locator(".state")).to_have_text("The first row fits.")
    page.get_by_role("button", name="Load 2 files").click()

    expect(page.locator("#summary")).to_contain_text("Of 2 files: 2 loaded.")
    assert "Köchin" in served.read("/tables/jobs.csv").decode()
    assert "Küche" in served.read("/tables/departments.csv").decode()


def test_ten_files_at_once_are_summed_up(serve: Serve, visit: Open) -> None:
    """The hires come before the departments that they refer to; one file has a refused row, one is none at all."""
    page = visit(serve().wait())
    page.get_by_text("Options").click()
    page.get_by_label("Strict").check()
    hires = [file(f"hires-{n}.csv", f"{n},Ana,2021-01-01,1,1\n") for n in range(1, 7)]
    bad = file("hires-7.csv", "7,Ana,2021-01-01,1,1\n8,Eva,2021-01-01,9,1\n")

    load(
        page,
        *hires,
        bad,
        file("photo.csv", b"\x89PNG\r\n\x1a\n"),
        file("jobs.csv", "1,Cook\n"),
        file("departments.csv", "1,Sales\n"),
    )

    summary = page.locator("#summary")
    expect(summary).to_contain_text("Of 10 files: 8 loaded, 1 loaded with some rows refused, 1 cannot be loaded.")
    assert account_of(page, "hires-7.csv into hired_employees") == "Of 2 rows: 1 stored; 1 refused."
    summary.get_by_role("button", name="photo.csv").click()
    expect(page.locator("#chosen").get_by_role("button", name="photo.csv", exact=True)).to_be_focused()
    expect(page.locator("#chosen > li", has_text="photo.csv").locator(".preview .problem")).to_be_visible()
    summary.get_by_role("button", name="Clear the 8 loaded files from the list").click()
    assert page.locator("#chosen .open").all_inner_texts() == ["hires-7.csv", "photo.csv"]


def test_dry_run_is_followed_by_the_load_with_one_click(serve: Serve, visit: Open) -> None:
    served = serve().wait()
    page = visit(served)
    page.get_by_text("Options").click()
    page.get_by_label("Dry run").check()
    load(page, file("jobs.csv", "1,Cook\n"))
    state = page.locator("#chosen .state")
    expect(state).to_contain_text("Dry run: 1 could be stored.")
    assert served.get("/tables")[-1]["rows"] == 0

    page.get_by_role("button", name="Load jobs.csv now").click()

    expect(state).to_have_text("1 stored.")
    assert b"Cook" in served.read("/tables/jobs.csv")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280, 2560])
def test_preview_has_no_barrier_and_fits(serve: Serve, visit: Open, width: int, scheme: str) -> None:
    page = visit(serve().wait(), width, scheme)

    choose(page, HIRES, file("photo.csv", b"\x89PNG\r\n\x1a\n"), file("x.csv", "Role,Nr\nCook,1\n"))
    page.get_by_label("Table for x.csv").select_option("jobs")
    for name in (HIRES.name, "photo.csv", "x.csv"):
        opened(page, name)
    expect(page.locator("#chosen .state", has_text=re.compile("^(Cannot be loaded|Not ready)"))).to_have_count(2)

    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
