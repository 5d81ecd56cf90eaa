import re

from playwright.sync_api import Page, expect

STARTS_WITHIN_MS = 120_000


def deploy(page: Page, name: str) -> None:
    page.goto("/deployments?deploy=tulou-demo")
    dialog = page.get_by_role("dialog", name="Deploy a model")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Deploy").click()
    page.get_by_role("link", name=name).click()


def delete(page: Page, name: str) -> None:
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name=f"Delete deployment {name}")
    dialog.get_by_role("checkbox", name=re.compile("^Force")).check()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Deployments", level=1)).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_be_hidden()


def test_a_model_is_deployed_scaled_restarted_and_deleted(page: Page) -> None:
    deploy(page, "e2e-second")
    replicas = page.get_by_role("table", name="Replicas of e2e-second")
    expect(replicas.get_by_text("Running", exact=True).last).to_be_visible(timeout=STARTS_WITHIN_MS)
    running = page.get_by_role("img", name="2 of 2 replicas of e2e-second are running")
    page.get_by_role("button", name="One replica more").click()
    expect(running).to_be_visible(timeout=STARTS_WITHIN_MS)
    first = replicas.get_by_role("rowheader").first.inner_text()
    page.get_by_role("button", name=f"Restart replica {first}").click()
    expect(replicas.get_by_role("rowheader", name=first)).to_be_hidden(timeout=STARTS_WITHIN_MS)
    expect(running).to_be_visible(timeout=STARTS_WITHIN_MS)
    delete(page, "e2e-second")


def test_a_taken_name_is_refused_with_words(page: Page) -> None:
    page.goto("/deployments?deploy=tulou-demo")
    dialog = page.get_by_role("dialog", name="Deploy a model")
    dialog.get_by_role("button", name="Deploy").click()
    expect(dialog.get_by_role("alert")).to_contain_text("tulou-demo")


def test_a_service_that_does_not_answer_shows_why(page: Page) -> None:
    page.goto("/deployments")
    page.get_by_role("button", name="Deploy").click()
    dialog = page.get_by_role("dialog", name="Deploy a model")
    dialog.get_by_role("radio", name="Remote service").check(force=True)
    dialog.get_by_label("Base URL").fill("http://127.0.0.1:9/v1")
    dialog.get_by_label("Model there").fill("any")
    dialog.get_by_label("Name").fill("e2e-remote")
    dialog.get_by_role("button", name="Deploy").click()
    page.get_by_role("link", name="e2e-remote").click()
    replicas = page.get_by_role("table", name="Replicas of e2e-remote")
    expect(replicas.get_by_role("rowheader")).to_have_count(1)
    expect(replicas.get_by_role("cell").nth(1)).not_to_be_empty()
    delete(page, "e2e-remote")
