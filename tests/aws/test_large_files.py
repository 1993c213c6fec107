"""The page behind API Gateway, in a real browser: what is too large for Lambda goes into the bucket, by a link."""

import gzip
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty
from types import SimpleNamespace
from typing import Any

import pytest
from browsing import Open, browser, choose, file, opened, visit
from functions import aws, start
from gateway import through
from playwright.sync_api import Locator, Page, expect
from runtime import Function
from s3 import Aws
from werkzeug.serving import WSGIRequestHandler, make_server

pytestmark = [pytest.mark.aws, pytest.mark.parametrize("server", ["postgresql"], indirect=True)]

TOKEN = "a-token-of-the-tests"


@pytest.fixture
def deployed(aws: Aws, start: Callable[..., Function]) -> Iterator[SimpleNamespace]:
    """Both functions: the one for requests behind a gateway, the other fed with what comes into the bucket."""
    api, load, one = start("aws.api.handler", API_TOKEN=TOKEN), start("aws.load.handler"), threading.Lock()

    def ask(event: dict[str, Any], _: Any) -> dict[str, Any]:
        with one:
            return api.invoke(event)

    gateway = make_server("127.0.0.1", 0, through(ask, "1.0"), threaded=True, request_handler=Silent)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    with feeding(aws, load):
        yield SimpleNamespace(url=f"http://127.0.0.1:{gateway.server_port}/prod/")
    gateway.shutdown()
    gateway.server_close()


class Silent(WSGIRequestHandler):
    def log(self, *arguments: Any) -> None:
        pass


@contextmanager
def feeding(aws: Aws, load: Function) -> Iterator[None]:
    """Deliver what comes into the bucket for as long as the block lasts."""
    ended = threading.Event()

    def feed() -> None:
        while not ended.is_set():
            try:
                load.invoke(aws.event(aws.arrived.get(timeout=0.1)))
            except Empty:
                continue

    thread = threading.Thread(target=feed)
    thread.start()
    yield
    ended.set()
    thread.join()


def load(page: Page, name: str, content: bytes) -> Locator:
    """Choose a file for jobs, load it, and return its account."""
    choose(page, file(name, content))
    page.get_by_label(f"Table for {name}").select_option("jobs")
    page.get_by_role("button", name="Load 1 file").click()
    expect(page.locator("#load")).not_to_have_attribute("aria-disabled", "true")
    return opened(page, name).locator("article")


def open_page(visit: Open, deployed: SimpleNamespace) -> Page:
    page = visit(deployed)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Token").fill(TOKEN)
    dialog.get_by_role("button", name="Go on").click()
    expect(page.locator("#ledger")).to_contain_text("No file has been loaded yet.")
    return page


LARGE = b"".join(b"%d,%s\n" % (i, b"x" * 800) for i in range(6000)) + b"x,no\n5999,other\n"


def test_file_past_4_mib_goes_into_the_bucket_and_is_accounted_for(visit: Open, deployed: SimpleNamespace) -> None:
    page = open_page(visit, deployed)

    account = load(page, "large.csv", LARGE)

    expect(account.locator(".words")).to_have_text(
        "Of 6,002 rows: 6,000 stored; 1 skipped, whose ids were there already or came before in the file "
        "(1 with other values than the stored row, which stays); 1 refused."
    )
    expect(account).to_contain_text("1 refused row.")
    with page.expect_download() as download:
        account.get_by_role("button", name=re.compile("Download rejects-1.csv")).click()
    assert (
        download.value.path().read_text(encoding="utf-8-sig").splitlines()[1].startswith("x,no,6001,id,not_an_integer,")
    )
    expect(page.locator("#ledger")).to_contain_text("jobs")


def test_small_file_goes_to_the_service_itself(visit: Open, deployed: SimpleNamespace) -> None:
    page = open_page(visit, deployed)

    account = load(page, "small.csv", b"1,Cook\nx,no\n")

    expect(account.locator("mark")).to_have_text("x")


def test_small_gzip_of_a_large_file_goes_into_the_bucket(visit: Open, deployed: SimpleNamespace) -> None:
    page = open_page(visit, deployed)

    account = load(page, "large.csv.gz", gzip.compress(LARGE))

    expect(account.locator(".words")).to_contain_text("6,000 stored")


def test_large_file_that_is_refused_says_why(visit: Open, deployed: SimpleNamespace) -> None:
    page = open_page(visit, deployed)
    page.get_by_text("Options").click()
    page.get_by_label("Atomic").check()

    account = load(page, "large.csv", LARGE)

    expect(account.locator(".problem")).to_contain_text("Of 6002 records 1 did not fit")


def test_file_on_its_way_into_the_bucket_is_stopped(visit: Open, deployed: SimpleNamespace) -> None:
    page = open_page(visit, deployed)
    choose(page, file("large.csv", LARGE))
    page.get_by_label("Table for large.csv").select_option("jobs")
    devtools = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 300_000}
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", slow)

    page.get_by_role("button", name="Load 1 file").click()
    expect(page.locator("#chosen .state")).to_contain_text("Sending")
    page.get_by_role("button", name="Stop large.csv").click()

    expect(page.locator("#chosen .state")).to_have_text("Stopped. Nothing of it is stored.")
    expect(page.locator("#ledger")).to_contain_text("No file has been loaded yet.")
