from playwright.sync_api import Page, expect

from tests.e2e.conftest import Gate


def test_the_link_of_the_first_start_signs_in_and_leaves_no_key_in_the_address(visitor: Page, gate: Gate) -> None:
    visitor.goto(f"/models#key={gate.key}")
    expect(visitor.get_by_role("heading", name="Models", level=1)).to_be_visible()
    assert gate.key not in visitor.url
    visitor.reload()
    expect(visitor.get_by_role("heading", name="Models", level=1)).to_be_visible()


def test_a_key_can_be_pasted(visitor: Page, gate: Gate) -> None:
    visitor.goto("/")
    visitor.get_by_role("button", name="Use a key instead").click()
    visitor.get_by_label("Admin key").fill(f" {gate.key} ")
    visitor.get_by_role("button", name="Sign in").click()
    expect(visitor.get_by_role("heading", name="Overview", level=1)).to_be_visible()


def test_a_wrong_key_stays_outside(visitor: Page) -> None:
    visitor.goto("/")
    visitor.get_by_role("button", name="Use a key instead").click()
    visitor.get_by_label("Admin key").fill("sk-tulou-wrong")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("alert")).to_contain_text("does not know this key")
    expect(visitor.get_by_role("heading", name="Come in")).to_be_visible()


def test_signing_out_forgets_the_key(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Come in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Come in")).to_be_visible()


def test_the_key_is_not_shared_with_another_tab(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/")
    expect(other.get_by_role("heading", name="Come in")).to_be_visible()
    other.close()
