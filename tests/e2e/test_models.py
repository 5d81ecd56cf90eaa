from playwright.sync_api import Page, expect

from tests.e2e.conftest import Gate


def test_a_version_shows_where_it_comes_from_and_that_its_signature_holds(page: Page) -> None:
    page.goto("/models")
    page.get_by_role("link", name="tulou-demo").click()
    expect(page.get_by_role("heading", name="Version 1", level=2)).to_be_visible()
    files = page.get_by_role("table", name="Files")
    expect(files.get_by_role("rowheader")).not_to_have_count(0)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("Signature and digests hold")).to_be_visible()


def test_an_alias_is_made_and_taken_away(page: Page) -> None:
    page.goto("/models/tulou-demo")
    page.get_by_role("button", name="Set alias").click()
    dialog = page.get_by_role("dialog", name="Set an alias")
    dialog.get_by_label("Alias").fill("canary")
    dialog.get_by_role("button", name="Set alias").click()
    remove = page.get_by_role("button", name="Remove alias canary")
    remove.click()
    expect(remove).to_be_hidden()


def test_a_version_is_promoted_once_it_was_said_what_rolls_over(page: Page, gate: Gate) -> None:
    gate.ask("DELETE", "/api/v1/models/tulou-demo/aliases/stable")
    page.goto("/models/tulou-demo")
    page.get_by_role("button", name="Promote").click()
    dialog = page.get_by_role("dialog", name="Promote version 1")
    expect(dialog.get_by_text("nothing rolls over")).to_be_visible()
    dialog.get_by_role("button", name="Promote").click()
    expect(page.get_by_role("button", name="Remove alias stable")).to_be_visible()


def test_a_version_that_an_alias_names_stays_and_the_reason_is_told(page: Page) -> None:
    page.goto("/models/tulou-demo")
    page.get_by_role("button", name="Delete version 1").click()
    dialog = page.get_by_role("dialog", name="Delete version 1")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_role("alert")).to_contain_text("stable")


def test_a_path_that_is_no_model_is_refused_with_words(page: Page) -> None:
    page.goto("/models")
    page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog", name="Import a model")
    dialog.get_by_label("Path").fill("/nowhere/at/all")
    dialog.get_by_label("Name").fill("nothing")
    dialog.get_by_role("button", name="Import").click()
    expect(dialog.get_by_role("alert")).to_contain_text("/nowhere/at/all")


def test_the_imports_of_the_first_start_are_among_the_jobs(page: Page) -> None:
    page.goto("/jobs")
    page.get_by_role("radio", name="Succeeded").check(force=True)
    expect(page.get_by_role("rowheader", name="registry.import").first).to_be_visible()
