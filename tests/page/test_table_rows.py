"""The tables on the page: rows by id, and where each comes from."""

from collections.abc import Callable

import pytest
from browsing import Open, browser, visit
from playwright.sync_api import expect
from served import Served

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

Serve = Callable[..., Served]


def test_row_is_found_by_its_id_and_leads_to_its_upload(serve: Serve, visit: Open) -> None:
    served = serve().wait()
    served.upload("departments", b"1,Sales\n")
    served.upload("hired_employees", "".join(f"{n},Ana {n},,1,\n" for n in range(1, 101)).encode())
    page = visit(served)
    tables = page.locator("#tables")
    tables.get_by_label("Table").select_option("hired_employees")
    expect(tables.get_by_text("100 rows")).to_be_visible()
    tables.get_by_role("button", name="Next").click()
    expect(tables.locator("tbody tr td").first).to_have_text("21")
    page.reload()
    expect(tables.locator("tbody tr td").first).to_have_text("21")

    tables.get_by_label("From id").fill("77")
    tables.get_by_role("button", name="Go").click()
    tables.get_by_role("button", name="Open row 77").click()

    expect(tables.locator("#row")).to_contain_text("Ana 77")
    tables.get_by_role("button", name="upload 2").click()
    expect(page.locator("#upload")).to_contain_text("Upload 2")


def test_table_is_downloaded(serve: Serve, visit: Open) -> None:
    served = serve().wait()
    served.upload("departments", b"1,Sales\n")
    page = visit(served)
    with page.expect_download() as download:
        page.locator("#tables").get_by_role("button", name="Download CSV").click()

    assert download.value.path().read_bytes() == served.read("/tables/departments.csv")
