"""The house and the browser. `TULOU_URL` and `TULOU_KEY` name a house that runs already; else one is started."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, expect, sync_playwright

from tests.system.house import House

CHROMIUM = os.environ.get("TULOU_CHROMIUM", "/usr/bin/chromium")
SLOWEST_MS = 20_000


@dataclass(frozen=True)
class Gate:
    """Where the console is, and a key that opens it."""

    url: str
    key: str


@pytest.fixture(scope="package")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    """A house with the demo models, ready to answer."""
    if url := os.environ.get("TULOU_URL"):
        yield Gate(url.rstrip("/"), os.environ["TULOU_KEY"])
        return
    with House(tmp_path_factory.mktemp("house")) as house:
        house.wait_for_models("tulou-demo", "all-minilm-l6-v2")
        yield Gate(house.url, house.key)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; closed with this package, since a running Playwright shuts asyncio tests out."""
    expect.set_options(timeout=SLOWEST_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, gate: Gate) -> Iterator[BrowserContext]:
    """A browser as new: English, light, no storage."""
    made = browser.new_context(base_url=gate.url, locale="en-GB", color_scheme="light")
    made.set_default_timeout(SLOWEST_MS)
    yield made
    made.close()


@pytest.fixture
def visitor(context: BrowserContext, gate: Gate) -> Iterator[Page]:
    """A page before signing in; afterwards nothing may have gone wrong in it, and no other host been asked."""
    page = context.new_page()
    faults: list[str] = []

    def on_message(message: ConsoleMessage) -> None:
        # A refused sign-in is logged by the browser itself as a failed load.
        if message.type == "error" and "Failed to load resource" not in message.text:
            faults.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith((gate.url, "data:", "blob:")):
            faults.append(f"asked {request.url}")

    def on_error(error: Error) -> None:
        faults.append(str(error))

    page.on("console", on_message)
    page.on("request", on_request)
    page.on("pageerror", on_error)
    yield page
    assert faults == []


@pytest.fixture
def page(visitor: Page, gate: Gate) -> Page:
    """A page of somebody who is signed in."""
    visitor.goto(f"/#key={gate.key}")
    expect(visitor.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    return visitor
