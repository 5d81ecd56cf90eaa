from playwright.sync_api import Page, expect

from tests.e2e.conftest import Gate
from tests.system.house import until


def test_a_key_is_made_shown_once_works_and_stops_working_when_revoked(page: Page, gate: Gate) -> None:
    page.goto("/keys")
    page.get_by_role("button", name="Create key").click()
    dialog = page.get_by_role("dialog", name="Create a key")
    dialog.get_by_label("Name").fill("e2e robot")
    dialog.get_by_role("button", name="Create key").click()
    secret = dialog.get_by_label("Secret").input_value()
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("rowheader", name="e2e robot")).to_be_visible()
    assert secret not in page.content()

    def status() -> int:
        return gate.status(secret, "GET", "/v1/models")

    until(lambda: status() == 200, what="the new key opens the gate")
    page.get_by_role("button", name="Revoke key e2e robot").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("rowheader", name="e2e robot")).to_be_hidden()
    until(lambda: status() == 401, what="the revoked key is refused")
    page.get_by_role("checkbox", name="Show revoked keys").check()
    expect(page.get_by_role("rowheader", name="e2e robot")).to_be_visible()


def test_one_is_warned_before_revoking_the_key_one_is_signed_in_with(page: Page) -> None:
    page.goto("/keys")
    row = page.get_by_role("row").filter(has_text="yours")
    row.get_by_role("button", name="Revoke").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("revoking it signs you out")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
