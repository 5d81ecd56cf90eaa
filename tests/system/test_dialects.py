"""Every dialect of the gate, spoken by unmodified clients to the model that comes with the house."""

import io
import json
from collections.abc import Iterator

import anthropic
import httpx2
import openai
import pytest
from anthropic import Anthropic
from langchain_openai import ChatOpenAI
from openai import OpenAI
from openai.types import Batch
from openai.types.responses import Response

from tests.system.house import House, until

CHAT, EMBEDDING = "tulou-demo", "all-minilm-l6-v2"
QUESTION = "What is Tulou?"
UNFINISHED = ("queued", "in_progress")
ENDED = ("completed", "failed", "expired", "cancelled")


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{house.url}/v1", api_key=house.key, max_retries=0) as made:
        yield made


@pytest.fixture(scope="module")
def claude(house: House) -> Iterator[Anthropic]:
    with Anthropic(base_url=house.url, api_key=house.key, max_retries=0) as made:
        yield made


@pytest.fixture(scope="module")
def http(house: House) -> Iterator[httpx2.Client]:
    with house.client() as made:
        yield made


def respond(client: OpenAI, **more: object) -> Response:
    asked: dict[str, object] = {"model": CHAT, "input": QUESTION, "max_output_tokens": 64, "temperature": 0}
    return client.responses.create(**(asked | more))  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType]


def test_a_response_is_stored_read_continued_and_deleted(client: OpenAI) -> None:
    first = respond(client)
    second = respond(client, input="Who are you?", previous_response_id=first.id)

    assert "Tulou" in first.output_text
    assert second.output_text
    assert client.responses.retrieve(first.id).output_text == first.output_text
    assert client.responses.retrieve(second.id).previous_response_id == first.id
    assert first.usage is not None
    assert second.usage is not None
    assert second.usage.input_tokens > first.usage.input_tokens, "the conversation so far is read again"
    items = client.responses.input_items.list(second.id).data
    assert "Who are you?" in items[0].model_dump_json()

    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)
    with pytest.raises(openai.NotFoundError):
        respond(client, previous_response_id=first.id)


def test_a_response_that_is_not_to_be_stored_is_not(client: OpenAI) -> None:
    answer = respond(client, store=False)

    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(answer.id)


def test_a_response_streams_event_by_event(client: OpenAI) -> None:
    with client.responses.stream(model=CHAT, input=QUESTION, max_output_tokens=64, temperature=0) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()

    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds.count("response.output_text.delta") > 1
    assert kinds[-1] in ("response.completed", "response.incomplete")
    assert "Tulou" in final.output_text
    assert client.responses.retrieve(final.id).output_text == final.output_text


def test_a_response_is_made_in_the_background(client: OpenAI) -> None:
    queued = respond(client, background=True)
    assert queued.status in UNFINISHED

    def ended() -> Response | None:
        found = client.responses.retrieve(queued.id)
        return None if found.status in UNFINISHED else found

    answer = until(ended, what="an answer in the background")
    assert "Tulou" in answer.output_text


def test_messages_are_answered_counted_and_streamed(claude: Anthropic) -> None:
    whole = claude.messages.create(
        model=CHAT,
        max_tokens=64,
        messages=[{"role": "user", "content": QUESTION}],
        extra_body={"temperature": 0},  # which their own models no longer take
    )
    with claude.messages.stream(model=CHAT, max_tokens=64, messages=[{"role": "user", "content": QUESTION}]) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    counted = claude.messages.count_tokens(model=CHAT, messages=[{"role": "user", "content": QUESTION}])

    assert whole.content[0].type == "text"
    assert "Tulou" in whole.content[0].text
    assert whole.stop_reason in ("end_turn", "max_tokens")
    assert text == "".join(part.text for part in final.content if part.type == "text")
    cached = final.usage.cache_read_input_tokens or 0
    assert counted.input_tokens == final.usage.input_tokens + cached


def test_anthropics_client_finds_the_models(claude: Anthropic) -> None:
    assert {CHAT, EMBEDDING} <= {model.id for model in claude.models.list(limit=1)}
    assert claude.models.retrieve(CHAT).display_name == CHAT


def test_refusals_of_messages_raise_the_classes_of_their_client(house: House, claude: Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="ghost"):
        claude.messages.create(model="ghost", max_tokens=1, messages=[{"role": "user", "content": "x"}])
    with pytest.raises(anthropic.BadRequestError, match="temperature"):
        claude.messages.create(model=CHAT, max_tokens=1, messages=[], extra_body={"temperature": "warm"})
    with (
        Anthropic(base_url=house.url, api_key="sk-wrong", max_retries=0) as stranger,
        pytest.raises(anthropic.AuthenticationError),
    ):
        stranger.messages.create(model=CHAT, max_tokens=1, messages=[{"role": "user", "content": "x"}])


def test_langchain_asks_and_streams(house: House) -> None:
    model = ChatOpenAI(base_url=f"{house.url}/v1", api_key=lambda: house.key, model=CHAT, max_tokens=64, temperature=0)  # pyright: ignore[reportCallIssue]

    assert "Tulou" in str(model.invoke(QUESTION).content)  # pyright: ignore[reportUnknownMemberType]
    assert len(list(model.stream(QUESTION))) > 2


def test_documents_are_ranked_in_both_shapes(http: httpx2.Client) -> None:
    asked = {"model": EMBEDDING, "query": "a cat", "documents": ["the stock market", "a small kitten"], "top_n": 1}

    for path in ("/v1/rerank", "/rerank", "/v2/rerank"):
        results = http.post(path, json=asked).raise_for_status().json()["results"]
        assert [result["index"] for result in results] == [1]
        assert results[0]["relevance_score"] > 0.3


def test_a_text_becomes_tokens_and_a_text_again(http: httpx2.Client) -> None:
    told = http.post("/tokenize", json={"model": CHAT, "prompt": QUESTION}).raise_for_status().json()
    back = http.post("/detokenize", json={"model": CHAT, "tokens": told["tokens"]}).raise_for_status().json()

    assert told["count"] == len(told["tokens"]) > 2
    assert back["prompt"] == QUESTION


def lines(count: int, **more: object) -> bytes:
    body = {"model": CHAT, "messages": [{"role": "user", "content": QUESTION}], "max_tokens": 4} | more
    asked = {"method": "POST", "url": "/v1/chat/completions", "body": body}
    return "\n".join(json.dumps({"custom_id": f"c{number}", **asked}) for number in range(count)).encode()


def batch(client: OpenAI, content: bytes) -> Batch:
    file = client.files.create(file=("requests.jsonl", io.BytesIO(content)), purpose="batch")
    made = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={"for": "a test"}
    )

    def ended() -> Batch | None:
        found = client.batches.retrieve(made.id)
        return found if found.status in ENDED else None

    return until(ended, what="a batch that has ended")


def test_a_batch_is_answered_line_by_line(client: OpenAI) -> None:
    done = batch(client, lines(6))

    assert done.status == "completed"
    assert done.request_counts is not None
    assert (done.request_counts.total, done.request_counts.completed) == (6, 6)
    assert done.metadata == {"for": "a test"}
    assert done.output_file_id is not None
    output = [json.loads(line) for line in client.files.content(done.output_file_id).text.splitlines()]
    assert [item["custom_id"] for item in output] == [f"c{number}" for number in range(6)]
    assert {item["response"]["status_code"] for item in output} == {200}
    assert done.id in {item.id for item in client.batches.list()}


def test_a_batch_with_lines_that_are_refused_tells_them_apart(client: OpenAI) -> None:
    done = batch(client, lines(2) + b"\n" + lines(1, model="ghost").replace(b'"c0"', b'"lost"'))

    assert done.status == "completed"
    assert done.error_file_id is not None
    [error] = [json.loads(line) for line in client.files.content(done.error_file_id).text.splitlines()]
    assert (error["custom_id"], error["response"]["status_code"]) == ("lost", 404)


def test_a_batch_that_cannot_be_read_says_which_line(client: OpenAI) -> None:
    done = batch(client, lines(1) + b"\nno json")

    assert done.status == "failed"
    assert done.errors is not None
    assert done.errors.data is not None
    assert [fault.line for fault in done.errors.data] == [2]


def test_files_are_kept_listed_read_and_deleted(client: OpenAI) -> None:
    content = bytes(range(256)) * 20_000  # more than a piece
    file = client.files.create(file=("data.bin", content), purpose="user_data")

    assert (file.bytes, file.filename) == (len(content), "data.bin")
    assert client.files.content(file.id).content == content
    assert file.id in {item.id for item in client.files.list(purpose="user_data")}
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file.id)


def test_a_file_for_an_unknown_purpose_is_refused_with_those_there_are(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="user_data") as caught:
        client.files.create(file=("x", b"x"), purpose="nothing")  # pyright: ignore[reportArgumentType]

    assert caught.value.param == "purpose"
