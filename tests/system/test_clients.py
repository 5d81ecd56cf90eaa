"""The unmodified OpenAI client works against the gate as against OpenAI."""

import json
from collections.abc import Iterator

import httpx2
import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionFunctionToolParam

from tests.system.house import House, until

CHAT, EMBEDDING = "tulou-demo", "all-minilm-l6-v2"


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{house.url}/v1", api_key=house.key, max_retries=0) as made:
        yield made


def lets_in(http: httpx2.Client) -> bool:
    return http.get("/v1/models").is_success


def tool(name: str, description: str, argument: str) -> ChatCompletionFunctionToolParam:
    parameters: dict[str, object] = {
        "type": "object",
        "properties": {argument: {"type": "string"}},
        "required": [argument],
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def test_models_are_listed(client: OpenAI) -> None:
    assert {CHAT, EMBEDDING} <= {model.id for model in client.models.list()}
    assert client.models.retrieve(CHAT).id == CHAT


def test_a_chat_is_answered(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model=CHAT, messages=[{"role": "user", "content": "What is Tulou?"}], temperature=0, max_tokens=64
    )

    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage is not None
    assert answer.usage.completion_tokens > 0


def test_a_chat_is_streamed_and_counted(client: OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model=CHAT,
            messages=[{"role": "user", "content": "What is Tulou?"}],
            temperature=0,
            max_tokens=64,
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens > 0


def test_usage_is_not_sent_to_a_client_that_did_not_ask(client: OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model=CHAT, messages=[{"role": "user", "content": "Hello"}], max_tokens=8, stream=True
        )
    )

    assert all(chunk.choices for chunk in chunks)
    assert all(chunk.usage is None for chunk in chunks)


def test_a_prompt_is_completed(client: OpenAI) -> None:
    answer = client.completions.create(model=CHAT, prompt="Tulou is", max_tokens=8, temperature=0)

    assert isinstance(answer.choices[0].text, str)


def test_texts_become_vectors(client: OpenAI) -> None:
    reply = client.embeddings.create(model=EMBEDDING, input=["a round house of earth", "a round earthen home", "tax"])

    vectors = [item.embedding for item in reply.data]
    assert [len(vector) for vector in vectors] == [384, 384, 384]
    near = sum(a * b for a, b in zip(vectors[0], vectors[1], strict=True))
    far = sum(a * b for a, b in zip(vectors[0], vectors[2], strict=True))
    assert near > far + 0.2
    assert reply.usage.prompt_tokens > 0


def test_a_wrong_key_is_an_authentication_error(house: House) -> None:
    with (
        OpenAI(base_url=f"{house.url}/v1", api_key="sk-tulou-wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        stranger.models.list()

    assert caught.value.status_code == 401
    assert caught.value.code == "invalid_api_key"


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="ghost", messages=[{"role": "user", "content": "x"}])

    assert caught.value.code == "model_not_found"
    assert "ghost" in str(caught.value)


def test_a_chat_with_an_embedding_model_is_a_bad_request(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match=EMBEDDING):
        client.chat.completions.create(model=EMBEDDING, messages=[{"role": "user", "content": "x"}])


def test_messages_of_a_wrong_type_are_a_bad_request_that_names_them(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=CHAT, messages="hello")  # pyright: ignore[reportArgumentType]

    assert caught.value.param == "messages"


def test_a_revoked_key_is_refused(house: House) -> None:
    with house.client() as http:
        made = http.post("/api/v1/keys", json={"name": "short-lived"}).raise_for_status().json()
        until(lambda: house.everywhere(lets_in, key=made["secret"]), what="a key that is let in")
        http.delete(f"/api/v1/keys/{made['key']['id']}").raise_for_status()
    with OpenAI(base_url=f"{house.url}/v1", api_key=made["secret"], max_retries=0) as theirs:

        def refused() -> bool:
            try:
                theirs.models.list()
            except openai.AuthenticationError:
                return True
            return False

        until(refused, what="the revoked key is refused")


def test_a_key_for_other_models_is_refused_for_this_one(house: House) -> None:
    with house.client() as http:
        made = http.post("/api/v1/keys", json={"name": "narrow", "models": ["other-*"]}).raise_for_status().json()
    until(lambda: house.everywhere(lets_in, key=made["secret"]), what="a key that is let in")
    with (
        OpenAI(base_url=f"{house.url}/v1", api_key=made["secret"], max_retries=0) as narrow,
        pytest.raises((openai.NotFoundError, openai.PermissionDeniedError)),
    ):
        narrow.chat.completions.create(model=CHAT, messages=[{"role": "user", "content": "x"}])


def test_tools_and_json_schemas_reach_the_engine(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model=CHAT,
        messages=[{"role": "user", "content": "status"}],
        max_tokens=64,
        temperature=0,
        response_format={
            "type": "json_schema",
            "json_schema": {
                "name": "verdict",
                "schema": {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]},
            },
        },
    )

    content = answer.choices[0].message.content or ""
    assert content.lstrip().startswith("{")
    assert '"ok"' in content


def test_a_tool_that_is_named_is_called_though_another_would_suit(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model=CHAT,
        messages=[{"role": "user", "content": "What is the weather in Paris?"}],
        max_tokens=256,
        temperature=0,
        tools=[
            tool("get_weather", "Get the weather of a city.", "city"),
            tool("search", "Search the documents.", "query"),
        ],
        tool_choice={"type": "function", "function": {"name": "search"}},
    )

    calls = [call.function for call in answer.choices[0].message.tool_calls or [] if call.type == "function"]
    assert [call.name for call in calls] == ["search"]
    assert isinstance(json.loads(calls[0].arguments)["query"], str)


def test_a_named_tool_that_is_not_there_is_a_bad_request(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="not in tools") as caught:
        client.chat.completions.create(
            model=CHAT,
            messages=[{"role": "user", "content": "x"}],
            tools=[tool("one", "The first.", "x")],
            tool_choice={"type": "function", "function": {"name": "two"}},
        )

    assert caught.value.param == "tool_choice"
