import json

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Gate


def test_what_was_done_stands_in_the_trail_and_the_chain_holds(page: Page, gate: Gate) -> None:
    gate.ask("PUT", "/api/v1/projects/default/e2e-audited", {"title": "To be found"})
    page.goto("/audit")
    page.get_by_label("Action").fill("projects:write")
    page.get_by_role("button", name="Filter").click()
    trail = page.get_by_role("table", name="Audit")
    expect(trail.get_by_role("row").filter(has_text="e2e-audited").first).to_contain_text("done")
    trail.get_by_role("row").filter(has_text="e2e-audited").first.get_by_role("button").click()
    expect(page.get_by_role("dialog").get_by_text("Hash", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("The chain holds")).to_be_visible()
    gate.ask("DELETE", "/api/v1/projects/default/e2e-audited")


def test_the_trail_comes_as_a_file_of_records(page: Page) -> None:
    page.goto("/audit")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    first = json.loads(download.value.path().read_text().splitlines()[0])
    assert first["sequence"] == 1
