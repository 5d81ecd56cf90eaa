from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import SLOWEST_MS, Gate

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
ROOMS = (
    "/",
    "/playground",
    "/models",
    "/models/tulou-demo",
    "/training",
    "/deployments",
    "/deployments/tulou-demo",
    "/keys",
    "/jobs",
    "/logs",
    "/usage?span=today",
    "/usage?tab=ledger&span=today",
    "/limits",
    "/upstreams",
    "/upstreams?tab=catalogue",
    "/upstreams?tab=prices",
    "/projects",
    "/people",
    "/people/default/admin",
    "/policies",
    "/tenants",
    "/audit",
    "/configuration",
    "/configuration?tab=compare",
    "/configuration?tab=change",
    "/me",
)
PHONE = {"width": 390, "height": 844}


def settled(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Loading")).to_be_hidden()
    expect(page.get_by_role("status").filter(has_text="加载中")).to_be_hidden()


def violations(page: Page) -> list[str]:
    """What axe finds, contrast of colours included; run by the debugger, since the page lets in no foreign script."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_every_room_can_be_read_and_heard(browser: Browser, gate: Gate, scheme: Any, locale: str) -> None:
    context = browser.new_context(base_url=gate.url, locale=locale, color_scheme=scheme, reduced_motion="reduce")
    context.set_default_timeout(SLOWEST_MS)
    page = context.new_page()
    page.goto(f"/#key={gate.key}")
    found: dict[str, list[str]] = {}
    for room in ROOMS:
        page.goto(room)
        settled(page)
        found[room] = violations(page)
    assert {room: faults for room, faults in found.items() if faults} == {}
    assert page.locator("html").get_attribute("lang") == ("zh-CN" if locale == "zh-CN" else "en")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_door_can_be_read_and_heard(browser: Browser, gate: Gate, scheme: Any) -> None:
    context = browser.new_context(base_url=gate.url, locale="en-GB", color_scheme=scheme, reduced_motion="reduce")
    context.set_default_timeout(SLOWEST_MS)
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_label("E-mail")).to_be_visible()
    assert violations(page) == []
    context.close()


def test_no_room_is_wider_than_a_phone(browser: Browser, gate: Gate) -> None:
    context = browser.new_context(base_url=gate.url, locale="en-GB", viewport={"width": 390, "height": 844})
    context.set_default_timeout(SLOWEST_MS)
    page = context.new_page()
    page.goto(f"/#key={gate.key}")
    for room in ROOMS:
        page.goto(room)
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], room
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Keys").click()
    expect(page.get_by_role("heading", name="Keys", level=1)).to_be_visible()
    context.close()


def test_a_chosen_theme_and_language_stay(page: Page) -> None:
    page.get_by_role("radio", name="Dark").check(force=True)
    page.get_by_role("radio", name="中文").check(force=True)
    page.reload()
    expect(page.get_by_role("heading", name="总览", level=1)).to_be_visible()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_the_keyboard_alone_leads_from_room_to_room(page: Page) -> None:
    page.reload()
    settled(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.get_by_role("link", name="Models").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Models", level=1)).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()
