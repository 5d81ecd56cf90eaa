from playwright.sync_api import Page, expect

from tests.e2e.conftest import Gate

SECRET = "sk-e2e-very-secret-7f3k"


def test_a_vendor_is_found_added_with_a_secret_that_is_never_shown_again_and_removed(page: Page, gate: Gate) -> None:
    page.goto("/upstreams?tab=catalogue")
    page.get_by_label("Search vendors").fill("openrouter mistral deepseek")
    expect(page.get_by_text("0 vendors")).to_be_visible()
    page.get_by_label("Search vendors").fill("deepseek")
    page.get_by_role("button", name="Add an upstream at").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("e2e-vendor")
    dialog.get_by_label("Credential", exact=True).fill(SECRET)
    dialog.get_by_role("button", name="Add", exact=True).click()
    table = page.get_by_role("table", name="Credentials: e2e-vendor")
    expect(table).to_contain_text("active")
    expect(table).to_contain_text("7f3k")
    assert SECRET not in page.content()
    assert SECRET not in str(gate.ask("GET", "/api/v1/upstreams"))
    page.get_by_role("button", name="Delete upstream e2e-vendor").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(table).to_be_hidden()


def test_a_price_is_added_replaced_and_removed(page: Page) -> None:
    page.goto("/upstreams?tab=prices")
    page.get_by_role("button", name="Add a price").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Model").fill("e2e-model-*")
    dialog.get_by_label("Input", exact=True).fill("2.5")
    dialog.get_by_label("Output", exact=True).fill("10")
    dialog.get_by_role("button", name="Add a price").click()
    row = page.get_by_role("row").filter(has_text="e2e-model-*")
    expect(row).to_contain_text("$2.50")
    expect(row).to_contain_text("fits nothing here")  # no deployment answers with such a model
    row.get_by_role("button", name="Replace the price").click()
    dialog.get_by_label("Input", exact=True).fill("3")
    dialog.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("$3.00")
    row.get_by_role("button", name="Delete the price").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_be_hidden()
