import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Gate


def project(gate: Gate, name: str) -> dict[str, Any]:
    return gate.ask("PUT", f"/api/v1/projects/default/{name}", {"title": "of the document"})


def test_a_document_is_planned_applied_compared_and_rolled_back(page: Page, gate: Gate) -> None:
    project(gate, "e2e-before")
    page.goto("/configuration?tab=change")
    page.get_by_role("button", name="Start from now").click()
    text = page.get_by_label(re.compile("Paste a document"))
    expect(text).not_to_have_value("")
    was = text.input_value()
    assert "e2e-before" in was
    text.fill(was.replace("of the document", "of the test"))
    page.get_by_role("button", name="Plan").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    page.get_by_label("Why").fill("e2e: another title")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("holds now, on all gateways")).to_be_visible()
    page.get_by_role("tab", name="Revisions").click()
    revisions = page.get_by_role("article", name=re.compile("^Revision"))
    expect(revisions.first).to_contain_text("e2e: another title")
    revisions.nth(1).get_by_role("button", name="Compare with now").click()
    diff = page.get_by_role("group", name=re.compile("→ Now$"))
    expect(diff).to_contain_text("of the document")
    expect(diff).to_contain_text("of the test")
    page.get_by_role("tab", name="Revisions").click()
    revisions.nth(1).get_by_role("button", name="Roll back").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("default/e2e-before")).to_be_visible()
    dialog.get_by_label("Why").fill("e2e: as it was")
    dialog.get_by_role("button", name="Roll back").click()
    expect(revisions.first).to_contain_text("e2e: as it was")
    assert gate.ask("GET", "/api/v1/projects/default/e2e-before")["title"] == "of the document"
    gate.ask("DELETE", "/api/v1/projects/default/e2e-before")


def test_a_mistyped_field_is_told_with_the_name_that_was_meant(page: Page) -> None:
    page.goto("/configuration?tab=change")
    page.get_by_label(re.compile("Paste a document")).fill("limmits: {}\n")
    page.get_by_role("button", name="Plan").click()
    expect(page.get_by_role("alert")).to_contain_text("limits")
