from playwright.sync_api import Page, expect

from tests.e2e.conftest import Gate
from tests.system.house import until


def test_a_limit_is_set_holds_shows_as_reached_and_goes(page: Page, gate: Gate) -> None:
    made = gate.ask("POST", "/api/v1/keys", {"name": "e2e limited"})
    page.goto("/limits")
    page.get_by_role("button", name="Add a limit").click()
    dialog = page.get_by_role("dialog", name="Add a limit")
    dialog.get_by_label("Name").fill("e2e-three-a-day")
    dialog.get_by_label("For").select_option("key")
    dialog.get_by_label("Which one").fill(made["key"]["id"])
    dialog.get_by_label("What", exact=True).select_option("requests")
    dialog.get_by_label("In", exact=True).select_option("day")
    dialog.get_by_label("How much").fill("3")
    expect(dialog).to_contain_text("may use 3 requests a day; the count starts anew at midnight UTC")
    dialog.get_by_role("button", name="Add a limit").click()
    card = page.get_by_role("article", name="e2e-three-a-day")
    expect(card).to_be_visible()

    def status() -> int:
        return gate.chat(made["secret"], max_tokens=4)

    def used() -> float:
        path = f"/api/v1/limits/standing?limit=e2e-three-a-day&subject={made['key']['id']}"
        standing = gate.ask("GET", path)["items"]
        return standing[0]["used"] if standing else 0

    # a share that one gateway holds is not another's to give: it takes a few more tries until the last one is used
    until(lambda: status() == 429 and used() == 3, what="the limit is reached and refuses")
    expect(card.get_by_text("reached")).to_be_visible()
    page.get_by_role("button", name="Delete limit e2e-three-a-day").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(card).to_be_hidden()
    until(lambda: status() == 200, what="the gateways forget the limit")


def test_a_limit_that_makes_no_sense_is_refused_with_words(page: Page) -> None:
    page.goto("/limits")
    page.get_by_role("button", name="Add a limit").click()
    dialog = page.get_by_role("dialog", name="Add a limit")
    dialog.get_by_label("Name").fill("Not A Name!")
    dialog.get_by_role("button", name="Add a limit").click()
    expect(dialog.get_by_role("alert")).to_contain_text("name")
