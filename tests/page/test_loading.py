"""Files on their way, and what became of them, as the page shows it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import Open, account_of, browser, choose, file, let_go, load, opened, visit
from playwright.sync_api import Route, expect
from served import Served
from servers.server import Server

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

Serve = Callable[..., Served]


def test_refused_rows_are_grouped_by_what_is_wrong(serve: Serve, visit: Open) -> None:
    """Of 5,000 refused rows the answer shows a hundred, of two reasons; the others are counted, too."""
    page = visit(serve().wait())
    rows = ["1,Cook\n"] + ["x,Job\n"] * 3000 + ['"1, 2",Job\n'] + ["7,\n"] * 1998 + ["1,2,3\n"]

    load(page, file("jobs.csv", "".join(rows)))

    line = page.locator("#chosen > li")
    expect(line.get_by_role("heading", name="id: not an integer, 3,001 rows")).to_be_visible()
    expect(line.locator(".rejects")).to_contain_text("1,998 rows")
    assert line.get_by_role("region").locator("tbody tr").count() == 1 + 99
    line.get_by_text("Show 99 more of 3,000").click()
    expect(line.get_by_role("region").last.locator("tbody tr")).to_have_count(99)


def test_ids_past_2_to_the_53_are_shown_as_they_are(serve: Serve, visit: Open) -> None:
    page = visit(serve().wait())

    load(page, file("jobs.csv", "9007199254740993,Cook\n9007199254740993,Cook\n"))

    line = page.locator("#chosen > li")
    line.locator("summary", has_text="Ids that were skipped").click()
    expect(line.locator(".ids")).to_have_text("9007199254740993")


def test_file_that_is_being_loaded_is_stopped_and_taken_back(
    serve: Serve, visit: Open, server: Server, settings: dict[str, str]
) -> None:
    served = serve(*server.arguments, BATCH_ROWS="100").wait()
    page = visit(served)
    choose(page, file("jobs.csv", "".join(f"{number},Job\n" for number in range(1, 2001))))

    with server.hold_at(settings["DATABASE_URL"], 1001):
        page.get_by_role("button", name="Load 1 file").click()
        expect(page.locator("#chosen .state")).to_have_text(re.compile("^Loading 1,000 rows so far"))
        page.get_by_role("button", name="Stop jobs.csv").click()

    expect(page.locator("#chosen .state")).to_have_text("Stopped. What was stored of it is taken back.")
    assert served.read("/tables/jobs.csv").count(b"\r\n") == 1
    page.get_by_role("button", name="Load 1 file").click()
    expect(page.locator("#chosen .state")).to_have_text("2,000 stored.")


def test_file_that_is_being_sent_is_stopped_and_nothing_of_it_is_stored(
    serve: Serve, visit: Open, tmp_path: Path
) -> None:
    served = serve().wait()
    page = visit(served)
    jobs = tmp_path / "jobs.csv"
    jobs.write_text("".join(f"{number},{'x' * 500}\n" for number in range(1, 60_001)))
    choose(page, jobs)
    devtools = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 500_000}
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", slow)

    page.get_by_role("button", name="Load 1 file").click()
    expect(page.locator("#chosen .state")).to_have_text(
        re.compile(r"Sending [\d.]+ .B of [\d.]+ .B, about \d+ (s|min) left")
    )
    page.get_by_role("button", name="Stop jobs.csv").click()

    expect(page.locator("#chosen .state")).to_have_text("Stopped. Nothing of it is stored.")
    assert served.get("/uploads") == []


def test_hint_of_an_account_is_followed_by_a_button(serve: Serve, visit: Open) -> None:
    """What is wrong stands past the part of the file that is looked at."""
    page = visit(serve().wait())
    sound = "".join(f"{number},{'x' * 300}\n" for number in range(1, 1001))

    load(page, file("jobs.csv", sound.encode() + "1001,Köchin\n".encode("cp1252")))
    line = opened(page, "jobs.csv")
    expect(line.locator(".state")).to_have_text("1,000 stored, 1 refused.")
    line.get_by_role("button", name="Read it as cp1252").click()
    expect(line.get_by_label("Encoding")).to_have_value("cp1252")
    page.get_by_role("button", name="Load 1 file").click()

    expect(line.locator(".state")).to_have_text("1 stored, 1,000 skipped.")


def test_file_that_turns_out_not_to_be_ready_is_not_sent(serve: Serve, visit: Open) -> None:
    served = serve().wait()
    page = visit(served)
    page.wait_for_load_state("networkidle")
    held: list[Route] = []
    page.route("**/preview*", lambda route: held.append(route))

    page.set_input_files("#choose", [file("hires.csv", "id,jbo\n1,Cook\n")])
    page.get_by_role("button", name="Load 1 file").click()  # while it is looked at
    expect(page.locator("#load")).to_have_attribute("aria-disabled", "true")
    let_go(page, held)

    expect(page.locator("#chosen .state")).to_have_text("Not ready: it fits no table as it is.")
    expect(page.locator("#load")).to_be_hidden()
    assert served.get("/uploads") == []


def test_file_is_stopped_before_anything_of_it_is_sent(serve: Serve, visit: Open) -> None:
    served = serve().wait()
    page = visit(served)
    choose(page, file("jobs.csv", "1,Cook\n"))
    held: list[Route] = []
    page.route("**/uploads?limit=1", lambda route: held.append(route))  # what is asked before a file is sent

    page.get_by_role("button", name="Load 1 file").click()
    page.get_by_role("button", name="Stop jobs.csv").click()
    let_go(page, held)

    expect(page.locator("#chosen .state")).to_have_text("Stopped. Nothing of it is stored.")
    assert served.get("/uploads") == []
