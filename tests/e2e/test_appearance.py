from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, ViewportSize, expect  # noqa: A004 - the browser's own

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
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 720}
AT_ONCE = """
const sheet = new CSSStyleSheet();
sheet.replaceSync("*, *::before, *::after { transition: none !important }");
document.adoptedStyleSheets.push(sheet);
"""
"""A colour that is on its way from light to dark has neither's contrast."""


def examined(browser: Browser, gate: Gate, locale: str) -> Page:
    """A page with axe in it: brought by the debugger, since the page itself lets in no foreign script."""
    context = browser.new_context(base_url=gate.url, locale=locale, color_scheme="light", reduced_motion="reduce")
    context.set_default_timeout(SLOWEST_MS)
    context.add_init_script(path=AXE)
    context.add_init_script(AT_ONCE)
    return context.new_page()


def settled(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Loading")).to_be_hidden()
    expect(page.get_by_role("status").filter(has_text="加载中")).to_be_hidden()


def violations_in_the_dark(page: Page) -> list[str]:
    """What axe finds of colours, which are all that the dark changes."""
    page.emulate_media(color_scheme="dark")
    found = violations(page, runOnly=["color-contrast"])
    page.emulate_media(color_scheme="light")
    return found


def wider_than_a_phone(page: Page) -> list[str]:
    """What a narrow window says, once it has been drawn: one violation or none."""
    page.set_viewport_size(PHONE)
    try:
        page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=PHONE["width"])
    except TimeoutError:
        return [f"wider than {PHONE['width']}"]
    finally:
        page.set_viewport_size(DESK)
    return []


def violations(page: Page, **options: Any) -> list[str]:
    """What axe finds, contrast of colours included."""
    found: dict[str, Any] = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **options})
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_every_room_can_be_read_and_heard_and_is_no_wider_than_a_phone(
    browser: Browser, gate: Gate, locale: str
) -> None:
    page = examined(browser, gate, locale)
    page.goto(f"/#key={gate.key}")
    found: dict[str, list[str]] = {}
    for room in ROOMS:
        page.goto(room)
        settled(page)
        found[room] = [*violations(page), *violations_in_the_dark(page), *wider_than_a_phone(page)]
    assert {room: faults for room, faults in found.items() if faults} == {}
    assert page.locator("html").get_attribute("lang") == ("zh-CN" if locale == "zh-CN" else "en")
    page.context.close()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_door_can_be_read_and_heard(browser: Browser, gate: Gate, locale: str) -> None:
    page = examined(browser, gate, locale)
    page.goto("/")
    expect(page.locator("input[type=email]")).to_be_visible()
    assert violations(page) == []
    assert violations_in_the_dark(page) == []
    assert wider_than_a_phone(page) == []
    page.context.close()


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_reference_can_be_read_and_heard(browser: Browser, gate: Gate, locale: str) -> None:
    page = examined(browser, gate, locale)
    for name in ("create_chat_completion", "list_keys", "upload_file"):
        page.goto(f"/docs#{name}")
        page.reload()
        expect(page.locator(f"#{name} form")).to_be_visible()
        page.locator(f"#{name} section > details > summary").first.click()
        found = [*violations(page), *violations_in_the_dark(page), *wider_than_a_phone(page)]
        assert found == [], name
    page.context.close()


def test_the_menu_of_a_phone_leads_from_room_to_room(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Keys").click()
    expect(page.get_by_role("heading", name="Keys", level=1)).to_be_visible()


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
