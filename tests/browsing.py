"""A real browser, for tests of the page."""

import shutil
from collections.abc import Callable, Iterator
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from servers import PATIENCE, skip

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Open = Callable[..., Page]


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
