import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp.totp import TOTP

from tests.e2e.conftest import SLOWEST_MS, Gate, sign_in


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Come in")).to_be_visible()


def test_somebody_comes_in_with_a_password_asks_a_model_and_leaves(visitor: Page, gate: Gate) -> None:
    password = gate.person("ida", "developer")
    sign_in(visitor, "ida@e2e.example", password)
    expect(visitor.get_by_role("link", name="Your page")).to_contain_text("Ida")
    kept = visitor.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "tulou_session" not in kept
    assert "sk-tulou" not in kept
    visitor.goto("/playground")
    expect(visitor.get_by_role("combobox", name="Model").get_by_role("option")).to_have_text(["tulou-demo"])
    visitor.get_by_role("textbox", name="Message").fill("What is Tulou?")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("log", name="Conversation").get_by_text("first token")).to_be_visible()
    sign_out(visitor)
    visitor.reload()
    expect(visitor.get_by_label("E-mail")).to_be_visible()


def test_a_wrong_password_is_refused_without_saying_what_was_wrong(visitor: Page, gate: Gate) -> None:
    gate.person("iris", "viewer")
    sign_in(visitor, "iris@e2e.example", "something else entirely")
    expect(visitor.get_by_role("alert")).to_contain_text("E-mail, password or code are not right")


def test_a_second_factor_is_set_up_asked_for_and_replaced_by_a_recovery_code(visitor: Page, gate: Gate) -> None:
    password = gate.person("otto", "developer")
    sign_in(visitor, "otto@e2e.example", password)
    visitor.get_by_role("link", name="Your page").click()
    visitor.get_by_role("button", name="Set up").click()
    expect(visitor.get_by_role("img", name="QR code")).to_be_visible()
    authenticator = TOTP(visitor.get_by_label("Secret").input_value())
    visitor.get_by_label("Code").fill(authenticator.now())
    visitor.get_by_role("button", name="Confirm").click()
    codes = visitor.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    visitor.get_by_role("button", name="I have kept them").click()
    expect(visitor.get_by_text("On: after the password")).to_be_visible()
    sign_out(visitor)
    sign_in(visitor, "otto@e2e.example", password)
    wrong = next(code for code in ("000000", "111111") if not authenticator.verify(code, valid_window=9))
    visitor.get_by_label("Code").fill(wrong)
    visitor.get_by_role("button", name="Sign in", exact=True).click()
    expect(visitor.get_by_role("alert")).to_be_visible()
    visitor.get_by_label("Code").fill(recovery)
    visitor.get_by_role("button", name="Sign in", exact=True).click()
    expect(visitor.get_by_role("link", name="Your page")).to_contain_text("Otto")


def test_somebody_comes_in_by_the_provider_and_back_to_where_they_wanted_to_be(browser: Browser, gate: Gate) -> None:
    if not gate.ask("GET", "/api/v1/sign-in/providers")["items"]:
        pytest.skip("the house that TULOU_URL names trusts no provider")
    context = browser.new_context(base_url=gate.url, locale="en-GB")
    context.set_default_timeout(SLOWEST_MS)
    page = context.new_page()
    page.goto("/models")
    page.get_by_role("link", name="Sign in with the test provider").click()
    page.locator("input[name=login]").fill("ana@example.org")
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("heading", name="Models", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Your page")).to_contain_text("ana")
    context.close()


def test_a_session_is_ended_from_another_browser(visitor: Page, browser: Browser, gate: Gate) -> None:
    password = gate.person("lea", "developer")
    sign_in(visitor, "lea@e2e.example", password)
    expect(visitor.get_by_role("link", name="Your page")).to_be_visible()
    context = browser.new_context(base_url=gate.url, locale="en-GB")
    context.set_default_timeout(SLOWEST_MS)
    other = context.new_page()
    sign_in(other, "lea@e2e.example", password)
    other.get_by_role("link", name="Your page").click()
    sessions = other.get_by_role("table", name="Sessions")
    expect(sessions.get_by_role("rowheader")).to_have_count(2)
    sessions.get_by_role("button", name="End session").click()
    expect(sessions.get_by_role("rowheader")).to_have_count(1)
    visitor.goto("/keys")
    expect(visitor.get_by_label("E-mail")).to_be_visible()
    context.close()


def test_a_changed_password_is_the_one_that_opens(visitor: Page, gate: Gate) -> None:
    password = gate.person("mia", "viewer")
    sign_in(visitor, "mia@e2e.example", password)
    visitor.get_by_role("link", name="Your page").click()
    visitor.get_by_label("Present password").fill(password)
    visitor.get_by_label("New password", exact=True).fill("quite another sentence")
    visitor.get_by_label("New password again").fill("quite another sentence")
    visitor.get_by_role("button", name="Change password").click()
    expect(visitor.get_by_text("The password is changed")).to_be_visible()
    sign_out(visitor)
    sign_in(visitor, "mia@e2e.example", "quite another sentence")
    expect(visitor.get_by_role("link", name="Your page")).to_be_visible()
