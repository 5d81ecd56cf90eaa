from playwright.sync_api import Page, expect

from tests.e2e.conftest import Gate, sign_in


def test_the_reference_lists_the_operations_and_needs_no_other_host(visitor: Page) -> None:
    visitor.goto("/docs")
    expect(visitor.get_by_text("/v1/chat/completions", exact=True).first).to_be_visible()
    paths = visitor.request.get("/openapi.json").json()["paths"]
    operations = sum(name in {"get", "put", "post", "patch", "delete"} for item in paths.values() for name in item)
    expect(visitor.get_by_role("main").locator("> section > details")).to_have_count(operations)


def test_the_console_leads_to_the_reference_and_back(page: Page) -> None:
    page.get_by_role("link", name="API reference").click()
    page.wait_for_url("**/docs")
    page.get_by_role("link", name="Tulou").first.click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()


def test_an_operation_is_found_and_tried_with_the_key_of_the_console(page: Page) -> None:
    page.get_by_role("link", name="API reference").click()
    expect(page.get_by_text("You try things out as admin@default.")).to_be_visible()
    page.get_by_role("searchbox").fill("tenants:read list")
    expect(page.get_by_text("1 of ")).to_be_visible()
    page.locator("summary").filter(has_text="/api/v1/tenants").first.click()
    operation = page.locator("#list_tenants")
    expect(operation.get_by_text("/api/v1/tenants'")).to_be_visible()
    operation.get_by_role("button", name="Send").click()
    expect(operation.get_by_text("200 after")).to_be_visible()
    expect(operation.get_by_role("status")).to_contain_text('"name": "default"')


def test_a_model_is_tried_by_whoever_came_with_a_password(visitor: Page, gate: Gate) -> None:
    sign_in(visitor, "ref@e2e.example", gate.person("ref", "developer"))
    expect(visitor.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    visitor.goto("/docs#create_chat_completion")
    expect(visitor.get_by_text("You try things out as ref@default.")).to_be_visible()
    operation = visitor.locator("#create_chat_completion")
    operation.get_by_role("button", name="Send").click()
    expect(operation.get_by_text("200 after")).to_be_visible()
    expect(operation.get_by_role("status")).to_contain_text("chat.completion")


def test_a_key_that_is_typed_is_used_and_forgotten_with_the_page(visitor: Page, gate: Gate) -> None:
    visitor.goto("/docs#list_served_models")
    operation = visitor.locator("#list_served_models")
    operation.get_by_role("button", name="Send").click()
    expect(operation.get_by_text("401 after")).to_be_visible()
    visitor.get_by_label("Key for trying").fill(gate.key)
    operation.get_by_role("button", name="Send").click()
    expect(operation.get_by_text("200 after")).to_be_visible()
    assert gate.key not in visitor.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    visitor.reload()
    expect(visitor.get_by_label("Key for trying")).to_have_value("")
