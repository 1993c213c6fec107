"""The uploads on the page: found again, opened with their accounts, and taken back."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Open, browser, visit
from playwright.sync_api import Page, expect
from served import Served

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

Serve = Callable[..., Served]


@pytest.fixture
def served(serve: Serve) -> Served:
    """A service with 45 uploads: of a department each, and each third one refused."""
    served = serve().wait()
    for number in range(1, 46):
        served.upload("departments", f"{'x' if number % 3 == 0 else number},Sales {number}\n".encode())
    return served


def numbers(page: Page) -> list[str]:
    return page.locator("#ledger tbody tr td:first-child").all_inner_texts()


def test_all_uploads_are_found_page_by_page_and_a_link_opens_the_same_page(served: Served, visit: Open) -> None:
    page = visit(served)
    expect(page.locator("#ledger tbody tr")).to_have_count(20)
    page.get_by_role("button", name="Older").click()
    expect(page.locator("#ledger tbody tr td:first-child").first).to_have_text("25")
    page.get_by_role("button", name="Older").click()
    expect(page.locator("#ledger tbody tr")).to_have_count(5)
    assert numbers(page) == ["5", "4", "3", "2", "1"]
    expect(page.get_by_role("button", name="Older")).to_be_hidden()

    page.reload()

    expect(page.locator("#ledger tbody tr")).to_have_count(5)
    assert numbers(page)[0] == "5"


def test_uploads_of_a_status_are_found(served: Served, visit: Open) -> None:
    page = visit(served)

    page.locator("#uploads").get_by_label("Status").select_option("refused")

    expect(page.locator("#ledger tbody tr")).to_have_count(15)
    assert numbers(page)[0] == "45"
    page.locator("#uploads").get_by_label("Table").select_option("jobs")
    expect(page.locator("#ledger")).to_contain_text("No upload is like this.")


def test_upload_is_opened_and_taken_back_once_it_was_said_what_that_does(served: Served, visit: Open) -> None:
    page = visit(served)
    page.get_by_role("button", name="Open upload 44").click()
    upload = page.locator("#upload article")
    expect(upload.get_by_role("heading")).to_contain_text("Upload 44")

    upload.get_by_role("button", name="Take back…").click()
    expect(upload).to_contain_text("1 row would be removed.")
    assert b"Sales 44" in served.read("/tables/departments.csv")
    upload.get_by_role("button", name="Take it back").click()

    expect(page.locator("#ledger tbody tr", has_text="taken back")).to_have_count(1)
    expect(page.locator("#tables")).to_contain_text("29 rows")
    assert b"Sales 44" not in served.read("/tables/departments.csv")
    expect(upload.get_by_role("button", name="Take back…")).to_have_count(0)


def test_link_opens_an_upload_with_the_files_that_are_kept_of_it(served: Served, visit: Open) -> None:
    page = visit(served)
    page.goto(f"{served.url}/#uploads/44")
    page.reload()
    upload = page.locator("#upload article")
    expect(upload).to_contain_text("Upload 44")

    with page.expect_download() as download:
        upload.get_by_role("button", name="Download ids-44.csv").click()

    assert download.value.path().read_bytes() == served.read("/uploads/44/ids.csv")
    expect(upload.get_by_role("button", name="Download rejects-44.csv")).to_have_count(0)


def test_ids_refused_and_replaced_rows_of_an_upload_are_shown(serve: Serve, visit: Open) -> None:
    served = serve().wait()
    served.upload("jobs", "".join(f"{n},Job\n" for n in range(1, 151)).encode())
    served.upload("jobs?on_conflict=update", b'2;Clerk\nx;"a;\n""b"""\n151;Cook\n')
    page = visit(served)
    upload = page.locator("#upload article")

    page.get_by_role("button", name="Open upload 2").click()
    for name in ("ids", "rejects", "replaced"):
        upload.get_by_role("button", name=f"Show {name}").click()
    expect(upload.locator("table")).to_have_count(3)
    shown = [part.locator("tbody td").all_text_contents() for part in upload.locator("table").all()]
    assert shown[0] == ["151", "inserted", "2", "updated"]
    assert shown[1] == ["2", "id", "id is not an integer: 'x'", "x", 'a;\n"b"', ""]
    assert shown[2] == ["2", "Job"]

    page.get_by_role("button", name="Open upload 1").click()
    expect(upload.get_by_role("heading")).to_contain_text("Upload 1:")
    upload.get_by_role("button", name="Show ids").click()
    expect(upload.locator("caption")).to_have_text("Every id of the file, with what became of its row: the first 100")


@pytest.mark.parametrize("width", [320, 1280])
def test_opened_upload_has_no_barrier_and_fits(served: Served, visit: Open, width: int) -> None:
    page = visit(served, width)

    page.get_by_role("button", name="Open upload 44").click()
    page.get_by_role("button", name="Take back…").click()
    expect(page.locator("#upload")).to_contain_text("1 row would be removed.")

    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
