import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Gate


def test_an_answer_streams_in_and_says_what_it_took(page: Page) -> None:
    page.goto("/playground?model=tulou-demo")
    page.get_by_role("textbox", name="Message").fill("What is Tulou?")
    page.keyboard.press("Enter")
    talk = page.get_by_role("log", name="Conversation")
    expect(talk.get_by_text("What is Tulou?")).to_be_visible()
    expect(talk.get_by_text("first token")).to_be_visible()
    expect(talk.get_by_text(re.compile(r"^\d+ tokens$"))).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_a_conversation_goes_on_and_can_be_started_anew(page: Page) -> None:
    page.goto("/playground?model=tulou-demo")
    message = page.get_by_role("textbox", name="Message")
    for turn, question in enumerate(("Hello", "What is a replica?"), 1):
        message.fill(question)
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("article")).to_have_count(turn)
        expect(page.get_by_role("button", name="Send")).to_be_visible()
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("article")).to_have_count(0)


def test_the_code_names_this_house_and_hides_the_key(page: Page, gate: Gate) -> None:
    page.goto("/playground?model=tulou-demo")
    page.get_by_role("button", name="Code").click()
    dialog = page.get_by_role("dialog", name="Code")
    expect(dialog).to_contain_text(f"curl -N {gate.url}/v1/chat/completions")
    dialog.get_by_role("tab", name="openai (Python)").click()
    expect(dialog).to_contain_text(f'base_url="{gate.url}/v1"')
    expect(dialog).not_to_contain_text(gate.key)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Code")).to_be_focused()


def test_texts_are_compared_by_their_embeddings(page: Page) -> None:
    page.goto("/playground")
    page.get_by_role("tab", name="Embeddings").click()
    page.get_by_label("Texts").fill("How do I add a replica?\nHow can I add one more replica?\nThe soup needs salt.")
    page.get_by_role("button", name="Embed").click()
    table = page.get_by_role("table", name="Cosine similarity")
    expect(table.get_by_role("cell")).to_have_count(9)
    _, alike, unlike, *_ = (float(text) for text in table.get_by_role("cell").all_inner_texts())
    assert alike > unlike + 0.3
