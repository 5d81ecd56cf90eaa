"""The house and the browser. `TULOU_URL` and `TULOU_KEY` name a house that runs already; else one is started."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, expect, sync_playwright

from tests.system.house import TEST_WITHIN_S, House, client
from tulou.testing.servers.openid import CLIENT, FOLDER, SECRET, openid_server

CHROMIUM = os.environ.get("TULOU_CHROMIUM", "/usr/bin/chromium")
SLOWEST_MS = 60_000
"""For what is bound to come: how long it takes on a busy machine proves nothing."""


CONFIG = """
[[identity.providers]]
name = "sso"
title = "the test provider"
issuer = "{issuer}"
client_id = "{client}"
client_secret = "env://OPENID_SECRET"
default_role = "developer"
"""


@dataclass(frozen=True)
class Gate:
    """Where the console is, and a key that opens it."""

    url: str
    key: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the administration as the owner of the house; fail with what it says when it refuses."""
        with client(self.url, self.key) as http:
            reply = http.request(method, path, json=body)
        assert reply.is_success, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else None

    def status(self, key: str, method: str, path: str, body: object = None) -> int:
        """Return the status with which the gate answers whoever shows this key."""
        with client(self.url, key) as http:
            return http.request(method, path, json=body).status_code

    def chat(self, key: str, *, max_tokens: int) -> int:
        """Ask the demo model with this key; return the status."""
        body = {"model": "tulou-demo", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": max_tokens}
        return self.status(key, "POST", "/v1/chat/completions", body)

    def person(self, name: str, *roles: str) -> str:
        """Make somebody anew who signs in with the password that is returned, as `<name>@e2e.example`."""
        password = f"four words for {name}"
        path = f"/api/v1/principals/default/{name}"
        if any(
            item["name"] == name for item in self.ask("GET", "/api/v1/principals?tenant=default&limit=500")["items"]
        ):
            self.ask("DELETE", path)
        self.ask(
            "PUT",
            path,
            {
                "title": name.title(),
                "email": f"{name}@e2e.example",
                "password": password,
                "roles": [{"role": role} for role in roles],
            },
        )
        return password


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give pages time on a busy machine; whatever is waited for ends with words long before."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(TEST_WITHIN_S))


@pytest.fixture(scope="package")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    """A house with the demo models, ready to answer, which takes the word of an OpenID provider."""
    if url := os.environ.get("TULOU_URL"):
        yield Gate(url.rstrip("/"), os.environ["TULOU_KEY"])
        return
    if not (FOLDER / "node_modules").exists():
        pytest.fail(f"{FOLDER} has no packages; `make servers` installs them")
    directory = tmp_path_factory.mktemp("house")
    config = directory / "tulou.toml"
    with openid_server() as provider:
        config.write_text(CONFIG.format(issuer=provider.issuer, client=CLIENT), encoding="utf-8")
        environment = {"TULOU_CONFIG": str(config), "OPENID_SECRET": SECRET}
        with House(directory, environment=environment) as house:
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


def sign_in(page: Page, email: str, password: str) -> None:
    """Fill in the form at the door."""
    page.goto("/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
