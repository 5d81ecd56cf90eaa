import re

from playwright.sync_api import Page, expect


def test_requests_show_within_seconds_by_model(page: Page) -> None:
    page.goto("/playground?model=tulou-demo")
    page.get_by_role("textbox", name="Message").fill("Hello")
    page.keyboard.press("Enter")
    expect(page.get_by_text("first token")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    traffic = page.get_by_role("table", name="Traffic by model")
    expect(traffic.get_by_role("rowheader", name="tulou-demo")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"^Time to first token\. p50: now [\d.,]+ ms"))).to_be_visible()


def test_the_house_is_drawn_with_its_replicas_and_processes(page: Page) -> None:
    expect(page.get_by_role("img", name=re.compile(r"Replicas running: 2 of 2"))).to_be_visible()
    processes = page.get_by_role("table", name="Processes")
    expect(processes.get_by_role("rowheader", name="control")).to_be_visible()
    expect(processes.get_by_role("rowheader", name=re.compile("^gateway"))).not_to_have_count(0)


def test_the_figures_renew_themselves(page: Page) -> None:
    with page.expect_response(re.compile("/api/v1/overview")), page.expect_response(re.compile("/api/v1/overview")):
        pass
