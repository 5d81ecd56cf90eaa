from playwright.sync_api import Page, expect


def test_the_reference_lists_the_operations_and_needs_no_other_host(visitor: Page) -> None:
    visitor.goto("/docs")
    expect(visitor.get_by_text("/v1/chat/completions", exact=True).first).to_be_visible()
    document = visitor.request.get("/openapi.json").json()  # the page draws what is looked at, and reads all of this
    assert "/api/v1/deployments" in document["paths"]
    expect(visitor.get_by_text("Failed to load API definition.")).to_be_hidden()


def test_the_console_leads_to_the_reference_and_back(page: Page) -> None:
    page.get_by_role("link", name="API reference").click()
    page.wait_for_url("**/docs")
    page.get_by_role("link", name="Tulou").first.click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
