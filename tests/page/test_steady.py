"""What is on the page stays where it is while more appears, and late answers do not take its place."""

from collections.abc import Callable
from typing import Any

import pytest
from browsing import EXAMPLES, Open, browser, choose, file, let_go, load, visit
from playwright.sync_api import Page, Request, Route, expect
from served import Served

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

Serve = Callable[..., Served]

WIDTHS = [320, 1280, 3840]

WATCH = """window.moved = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    for (const { node } of entry.sources)
      moved.push([document.querySelector("#files").contains(node) ? "files" : "below", String(node?.id || node?.className || node?.nodeName)]);
}).observe({ type: "layout-shift", buffered: true });"""
"""Notes what moves, and whether it is in the section of the files (https://wicg.github.io/layout-instability/)."""


def moved(page: Page) -> list[list[str]]:
    """Return what moved since it was asked last, once the browser has drawn it all."""
    script = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(moved.splice(0)), 100)))"
    return [*page.evaluate(script)]


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_moves_while_the_page_is_filled(serve: Serve, visit: Open, width: int) -> None:
    served = serve().wait()
    for table, path in EXAMPLES.items():
        served.upload(table, path.read_bytes())
    page = visit(served, width)
    page.add_init_script(WATCH)

    page.reload()
    expect(page.locator("footer")).to_be_visible()
    page.wait_for_load_state("networkidle")

    assert moved(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_file_moves_while_files_are_loaded(serve: Serve, visit: Open, width: int) -> None:
    page = visit(serve().wait(), width)
    page.add_init_script(WATCH)
    page.reload()
    choose(page, *(file(f"jobs {n}.csv", f"{n},Job\nx,y\n") for n in range(1, 4)))
    held: list[Route] = []
    page.route("**/upload/jobs*", lambda route: held.append(route))
    page.get_by_role("button", name="Load 3 files").click()
    moved(page)  # what a click opens may push the others away

    for number in range(3):
        page.wait_for_timeout(600)  # a click of the last half second would excuse what moves
        let_go(page, held, number)
        if number < 2:
            expect(page.locator("#summary")).to_contain_text(f"{number + 1} loaded")
            assert [what for part, what in moved(page) if part == "files"] == []


@pytest.mark.parametrize("token", [None, "correct-horse-battery"])
def test_section_that_the_address_names_is_gone_to_once_all_is_there(
    serve: Serve, visit: Open, token: str | None
) -> None:
    served = (serve(API_TOKEN=token) if token else serve()).wait()
    page = visit(served)

    page.goto(f"{served.url}/#tables")
    page.reload()
    if token:
        page.get_by_role("dialog").get_by_label("Token").fill(token)
        page.keyboard.press("Enter")

    expect(page.locator("#tables")).to_be_in_viewport()
    page.wait_for_function("scrollY > 0")


@pytest.mark.parametrize("address", ["#uploads/1", "#uploads/1?status=finished"])
def test_upload_that_the_address_names_is_opened_and_gone_to(serve: Serve, visit: Open, address: str) -> None:
    served = serve().wait()
    served.upload("jobs", b"1,Clerk\n")
    page = visit(served)

    page.goto(f"{served.url}/{address}")
    page.reload()

    expect(page.locator("#upload h3")).to_be_focused()


@pytest.mark.parametrize("address", ["", "#files"])
def test_focus_stays_where_it_is_put_while_the_page_is_filled(serve: Serve, visit: Open, address: str) -> None:
    served = serve().wait()
    page = visit(served)
    page.route("**/stats/*", lambda route: None)  # they wait
    page.goto(f"{served.url}/{address}")
    page.reload()
    expect(page.locator("#tables")).to_be_visible()

    for key in ("Tab", "Enter", "Tab"):  # the link that skips to the files, and what is next there
        page.keyboard.press(key)
    expect(page.locator("#choose")).to_be_focused()
    page.unroute("**/stats/*")  # they go on
    expect(page.locator("footer")).to_be_visible()

    page.wait_for_load_state("networkidle")
    expect(page.locator("#choose")).to_be_focused()


def test_answer_that_comes_late_does_not_replace_what_was_asked_for_since(serve: Serve, visit: Open) -> None:
    served = serve().wait()
    served.upload("jobs", b"1,Clerk\n")
    served.upload("jobs", b"x,Clerk\n")
    page = visit(served)
    lines = page.locator("#ledger tbody tr")
    expect(lines).to_have_count(2)
    held: list[Route] = []

    def hold(route: Route, request: Request) -> Any:
        return route.continue_() if "status=finished" in request.url else held.append(route)

    page.route("**/uploads?*", hold)
    status = page.locator("#uploads").get_by_label("Status")
    status.select_option("refused")
    status.select_option("finished")
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("finished")
    let_go(page, held)
    page.wait_for_load_state("networkidle")

    expect(lines).to_contain_text("finished")


def test_rows_that_come_late_are_not_shown_for_another_table(serve: Serve, visit: Open) -> None:
    served = serve().wait()
    served.upload("jobs", b"1,Clerk\n")
    served.upload("departments", b"1,Sales\n")
    page = visit(served)
    tables = page.locator("#tables")
    expect(tables.locator("tbody tr")).to_contain_text("Sales")
    held: list[Route] = []
    page.route("**/tables/jobs?*", lambda route: held.append(route))

    tables.get_by_label("Table").select_option("jobs")
    tables.get_by_label("Table").select_option("hired_employees")
    expect(tables).to_contain_text("No rows.")
    let_go(page, held)
    page.wait_for_load_state("networkidle")

    expect(tables).to_contain_text("No rows.")


def test_department_that_was_chosen_is_kept_in_the_address(serve: Serve, visit: Open) -> None:
    page = visit(serve().wait())
    load(page, *EXAMPLES.values())
    report = page.get_by_role("region", name="Hires per quarter")

    report.get_by_label("Department").select_option("Sales")
    expect(report.locator("caption").first).to_have_text("Hires in Sales, by job")
    page.reload()

    expect(report.locator("caption").first).to_have_text("Hires in Sales, by job")
