import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Gate
from tests.system.house import until
from tests.system.midnight import wait_out_midnight

PRICE = {"model": "tulou-demo*", "input": 1000.0, "output": 5000.0}


def test_a_newcomer_makes_a_project_a_key_with_a_budget_calls_and_sees_the_cost_appear(page: Page, gate: Gate) -> None:
    wait_out_midnight()
    gate.ask("PUT", "/api/v1/prices", PRICE)
    page.get_by_role("link", name="Make a project").click()
    dialog = page.get_by_role("dialog", name="Make a project")
    dialog.get_by_label("Name").fill("e2e-shop")
    dialog.get_by_role("button", name="Make a project").click()
    row = page.get_by_role("row").filter(has_text="e2e-shop")
    row.get_by_role("link", name="Make a key").click()
    dialog = page.get_by_role("dialog", name="Create a key")
    expect(dialog.get_by_label("Project")).to_have_value("e2e-shop")
    dialog.get_by_label("Name").fill("e2e buyer")
    dialog.get_by_label("Budget a month").fill("50")
    dialog.get_by_role("button", name="Create key").click()
    expect(dialog.get_by_text("It may spend $50.00 a month.")).to_be_visible()
    secret = dialog.get_by_label("Secret").input_value()
    dialog.get_by_text("Call a model with it").click()
    expect(dialog).to_contain_text(f"curl {gate.url}/v1/chat/completions")
    until(lambda: gate.chat(secret, max_tokens=16) == 200, what="the new key opens the gate")
    dialog.get_by_role("link", name="Then watch the cost appear").click()
    table = page.get_by_role("table", name=re.compile("^Cost by model"))
    expect(table.get_by_role("row").filter(has_text="tulou-demo")).to_contain_text(re.compile(r"\$0\.0*[1-9]"))
    page.goto("/keys")
    standing = page.get_by_role("row").filter(has_text="e2e buyer").get_by_role("meter")
    expect(standing).to_have_attribute("aria-label", re.compile(r"\$0\.0*[1-9]\d* of \$50\.00"))


def test_an_entry_says_why_it_cost_what_it_did(page: Page, gate: Gate) -> None:
    wait_out_midnight()
    gate.ask("PUT", "/api/v1/prices", PRICE)
    until(lambda: gate.chat(gate.key, max_tokens=16) == 200, what="the gate answers")
    page.goto("/usage?tab=ledger&span=today")
    entries = page.get_by_role("table", name="Entries")
    entries.get_by_role("rowheader").first.get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Counted")).to_be_visible()
    expect(dialog.get_by_role("table", name="Why this cost").get_by_role("rowheader", name="Input")).to_be_visible()


def test_groups_lead_into_what_they_are_made_of(page: Page, gate: Gate) -> None:
    wait_out_midnight()
    until(lambda: gate.chat(gate.key, max_tokens=16) == 200, what="the gate answers")
    page.goto("/usage?span=today&by=project")
    page.get_by_role("table", name="Cost by project").get_by_role("button", name="default").click()
    expect(page.get_by_role("list", name="Filters")).to_contain_text("default")
    expect(page.get_by_role("table", name="Cost by key")).to_be_visible()


def test_a_report_comes_as_a_file(page: Page, gate: Gate) -> None:
    until(lambda: gate.chat(gate.key, max_tokens=16) == 200, what="the gate answers")
    page.goto("/usage?span=today")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert download.value.path().read_text().startswith("start,model,requests")


def test_costs_are_computed_anew_by_a_job(page: Page) -> None:
    page.goto("/usage?span=today")
    page.get_by_role("button", name="Recompute").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Recompute").click()
    dialog.get_by_role("link", name="Jobs").click()
    expect(page.get_by_role("rowheader", name=re.compile("recompute")).first).to_be_visible()
