"""A real browser, for tests of the page."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect, sync_playwright
from project import PROJECT
from required import skip
from waits import PATIENCE, until

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Open = Callable[..., Page]

EXAMPLES = {name: PROJECT / f"examples/{name}.csv" for name in ("departments", "jobs", "hired_employees")}


class Site(Protocol):
    """What has a page."""

    url: str


expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Open pages of a service that ask no one else for anything, and end without an error in the console.

    The browser itself writes there that an answer was a 401 or a 422, or that there was none.
    """
    contexts = []
    errors: list[str] = []
    hosts: set[str] = set()

    def visit(served: Site, width: int = 1280, scheme: str = "light") -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        page.goto(served.url)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert [error for error in errors if not error.startswith("Failed to load resource: ")] == []
    assert {urlsplit(f"//{host}").hostname for host in hosts} == {"127.0.0.1"}


def file(name: str, content: str | bytes) -> dict:
    """Return a file as a page is given one."""
    buffer = content if isinstance(content, bytes) else content.encode()
    return {"name": name, "mimeType": "text/csv", "buffer": buffer}


def choose(page: Page, *files: Path | dict) -> None:
    """Choose files, and wait until the page says of each how it will be read."""
    before = page.locator("#chosen > li").count()
    if any(isinstance(one, dict) for one in files):  # then all have to be
        files = tuple(one if isinstance(one, dict) else file(one.name, one.read_bytes()) for one in files)
    page.set_input_files("#choose", [*files])
    expect(page.locator("#chosen > li")).to_have_count(before + len(files))
    expect(page.locator("#chosen .state", has_text="Looking at it")).to_have_count(0)


def load(page: Page, *files: Path | dict) -> None:
    """Choose files, load all that wait, and wait until something is said of each; then open these."""
    choose(page, *files)
    page.get_by_role("button", name=re.compile("^(Load|Dry run of) .* files?$")).click()
    expect(page.locator("#load")).not_to_have_attribute("aria-disabled", "true")
    for one in files:
        opened(page, one["name"] if isinstance(one, dict) else one.name)


def opened(page: Page, name: str) -> Locator:
    """Open a file's line, and return it."""
    line = page.locator("#chosen > li", has=page.get_by_role("button", name=name, exact=True))
    button = line.get_by_role("button", name=name, exact=True)
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    return line


def account_of(page: Page, heading: str) -> str:
    """Return what the account with a heading says in words."""
    return page.locator("article", has_text=heading).locator(".words").inner_text()


def let_go(page: Page, held: list[Route], number: int = 0) -> None:
    """Send on one of the requests that a route holds, in the order of their coming, once it has come."""
    until(lambda: len(held) > number or page.wait_for_timeout(20), pause=0)
    held[number].continue_()
