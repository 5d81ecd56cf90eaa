"""What an upstream cannot honour is refused or told, and said in words that name the field."""

import json
from typing import Any

import pytest

from tulou.contracts.routing.messages import Endpoint
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability, Written
from tulou.services.gateway.dialects.prompt import Prompt
from tulou.services.gateway.dialects.tests import asked
from tulou.services.gateway.refusals import MalformedError, WrongTypeError

Json = dict[str, Any]


def chat(**fields: Any) -> Prompt:
    request = {"model": "house", "messages": [{"role": "user", "content": "Hi"}], **fields}
    return CLIENTS["chat"].read_request(json.dumps(request).encode())


def messages(**fields: Any) -> Prompt:
    request = {"model": "house", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], **fields}
    return CLIENTS["messages"].read_request(json.dumps(request).encode())


def to_openai(prompt: Prompt, *capabilities: str, **ability: Any) -> Written:
    return UPSTREAMS["openai"].write_request(
        prompt, Ability(model="m", capabilities=frozenset(capabilities), **ability)
    )


@pytest.mark.parametrize("feature", ["tools", "images", "structured", "json_mode", "n", "logprobs", "stream"])
def test_what_a_known_upstream_lacks_is_refused_where_the_answer_would_be_wrong(feature: str) -> None:
    prompt = CLIENTS["chat"].read_request(asked.body("chat", feature))

    with pytest.raises(InvalidError) as caught:
        to_openai(prompt, "chat")

    assert caught.value.param


@pytest.mark.parametrize(("feature", "field"), [("seed", "seed"), ("reasoning", "reasoning_effort")])
def test_what_only_changes_the_odds_is_dropped_and_told(feature: str, field: str) -> None:
    prompt = CLIENTS["chat"].read_request(asked.body("chat", feature))

    written = to_openai(prompt, "chat")

    assert [drop.field for drop in written.dropped] == [field]
    assert field not in json.loads(written.body)


def test_unknown_fields_are_told_elsewhere_and_essential_ones_refused() -> None:
    told = UPSTREAMS["anthropic"].write_request(chat(logit_bias={"1": 2}), Ability(model="claude-sonnet-4-5"))

    assert [drop.field for drop in told.dropped] == ["logit_bias"]
    with pytest.raises(InvalidError, match="guided_regex"):
        UPSTREAMS["anthropic"].write_request(chat(guided_regex="a+"), Ability(model="claude-sonnet-4-5"))


SEARCHES: list[tuple[Endpoint, Json, object]] = [
    ("messages", {"type": "web_search_20250305", "name": "web_search"}, {"type": "tool", "name": "web_search"}),
    ("messages", {"type": "web_search_20250305", "name": "web_search"}, {"type": "any"}),
    ("responses", {"type": "web_search", "external_web_access": False}, {"type": "web_search"}),
    ("responses", {"type": "web_search", "external_web_access": False}, "required"),
    (
        "responses",
        {"type": "web_search"},
        {"type": "allowed_tools", "mode": "required", "tools": [{"type": "web_search"}]},
    ),
    ("chat", {"type": "web_search"}, "required"),
    (
        "chat",
        {"type": "web_search"},
        {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [{"type": "web_search"}]}},
    ),
]
FUNCTIONS: dict[str, Json] = {
    "chat": {"type": "function", "function": {"name": "f"}},
    "responses": {"type": "function", "name": "f"},
}


def allowed(client: str, mode: str, *tools: Json) -> Json:
    """Return a choice among tools, in a client's words."""
    choice: Json = {"mode": mode, "tools": list(tools)}
    return {"type": "allowed_tools", **({"allowed_tools": choice} if client == "chat" else choice)}


@pytest.mark.parametrize("client", ["chat", "responses"])
def test_a_function_that_a_choice_leaves_out_is_not_called_instead_of_a_vendors_tool(client: Endpoint) -> None:
    search = {"type": "web_search"}
    body = {**BODY, "tools": [FUNCTIONS[client], search], "tool_choice": allowed(client, "auto", search)}
    prompt = CLIENTS[client].read_request(json.dumps(body).encode())

    assert prompt.tool_choice is not None
    assert prompt.tool_choice.mode == "none"


@pytest.mark.parametrize("client", ["chat", "responses"])
def test_a_choice_between_a_function_and_a_vendors_tool_is_not_made_for_the_client(client: Endpoint) -> None:
    search, function = {"type": "web_search"}, FUNCTIONS[client]
    body = {**BODY, "tools": [function, search], "tool_choice": allowed(client, "required", function, search)}
    prompt = CLIENTS[client].read_request(json.dumps(body).encode())

    for name in UPSTREAMS.keys() - {prompt.family}:
        with pytest.raises(InvalidError) as caught:
            UPSTREAMS[name].write_request(prompt, Ability(model="m"))
        assert caught.value.param == "tool_choice", name


BODY: Json = {"model": "house", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}], "input": "x"}


@pytest.mark.parametrize(("client", "search", "forced"), SEARCHES)
def test_tools_that_a_vendor_runs_itself_are_dropped_elsewhere_and_told(
    client: Endpoint, search: Json, forced: object
) -> None:
    del forced
    prompt = CLIENTS[client].read_request(json.dumps({**BODY, "tools": [search]}).encode())

    for name in UPSTREAMS.keys() - {prompt.family}:
        written = UPSTREAMS[name].write_request(prompt, Ability(model="m", capabilities=frozenset({"stream"})))
        fields = [drop.field for drop in written.dropped]
        assert f"tools.{search['type']}" in fields, name
        assert b"web_search" not in written.body, name


@pytest.mark.parametrize(("client", "search", "forced"), SEARCHES)
def test_tools_that_a_vendor_runs_itself_are_refused_elsewhere_if_they_must_be_used(
    client: Endpoint, search: Json, forced: object
) -> None:
    body = {**BODY, "tools": [search], "tool_choice": forced}
    prompt = CLIENTS[client].read_request(json.dumps(body).encode())

    for name in UPSTREAMS.keys() - {prompt.family}:
        with pytest.raises(InvalidError) as caught:
            UPSTREAMS[name].write_request(prompt, Ability(model="m"))
        assert caught.value.param == "tool_choice", name


@pytest.mark.parametrize(("client", "search", "forced"), SEARCHES)
def test_a_tool_that_a_vendor_runs_itself_stays_where_it_is_run(client: Endpoint, search: Json, forced: object) -> None:
    prompt = CLIENTS[client].read_request(json.dumps({**BODY, "tools": [search], "tool_choice": forced}).encode())
    native = {"chat": "openai", "responses": "responses"}.get(client, "anthropic")

    written = {**UPSTREAMS}[native].write_request(prompt, Ability(model="m"))

    assert json.loads(written.body)["tools"] == [search]
    assert written.dropped == ()


def test_what_a_vendors_own_tool_left_in_a_conversation_is_dropped_elsewhere_and_told() -> None:
    searched = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search"}}
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Earth."}]}
    asked = {"role": "user", "content": "Of what?"}
    prompt = CLIENTS["responses"].read_request(json.dumps({**BODY, "input": [asked, searched, said, asked]}).encode())

    for name in UPSTREAMS.keys() - {"responses"}:
        written = UPSTREAMS[name].write_request(prompt, Ability(model="m"))
        assert "messages.web_search_call" in {drop.field for drop in written.dropped}, name
        assert b"Earth." in written.body


def test_parts_of_one_vendor_alone_are_refused_elsewhere() -> None:
    block: Json = {"type": "search_result", "source": "s", "title": "t", "content": []}
    prompt = messages(messages=[{"role": "user", "content": [block]}])

    with pytest.raises(InvalidError, match="search_result"):
        to_openai(prompt)


def test_pictures_by_url_are_refused_where_only_bytes_are_taken() -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    prompt = chat(messages=[{"role": "user", "content": [picture]}])

    with pytest.raises(InvalidError, match="base64"):
        UPSTREAMS["bedrock"].write_request(prompt, Ability(model="amazon.nova-pro-v1:0"))


def test_a_choice_that_names_a_tool_is_said_by_offering_no_other() -> None:
    tools = [{"type": "function", "function": {"name": name}} for name in ("f", "g")]
    prompt = chat(tools=tools, tool_choice={"type": "function", "function": {"name": "g"}})

    body = json.loads(to_openai(prompt, named_tools=False).body)

    assert [tool["function"]["name"] for tool in body["tools"]] == ["g"]
    assert body["tool_choice"] == "required"
    assert body["parallel_tool_calls"] is False


def test_several_allowed_tools_are_said_by_offering_no_others() -> None:
    tools = [{"type": "function", "function": {"name": name}} for name in ("f", "g", "h")]
    named = [{"type": "function", "function": {"name": name}} for name in ("f", "h")]
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": named}}

    for upstream, where in (("anthropic", "tools"), ("bedrock", "toolConfig")):
        written = {**UPSTREAMS}[upstream].write_request(  # pyright: ignore[reportArgumentType] - a name of the table
            chat(tools=tools, tool_choice=choice), Ability(model="m")
        )
        assert b'"g"' not in json.dumps(json.loads(written.body)[where]).encode()
        assert b'"any"' in written.body


def test_the_cap_on_output_has_the_name_that_the_vendor_gives_it() -> None:
    body = json.loads(to_openai(chat(max_tokens=5), max_tokens_field="max_completion_tokens").body)

    assert body["max_completion_tokens"] == 5
    assert "max_tokens" not in body


def test_reasoning_is_not_sent_back_where_there_is_no_field_for_it() -> None:
    prompt = chat(messages=[{"role": "assistant", "content": "x", "reasoning_content": "y"}])

    written = to_openai(prompt, thoughts_field="")

    assert [drop.field for drop in written.dropped] == ["messages.thinking"]
    assert b'"y"' not in written.body


def test_anothers_signature_is_never_sent() -> None:
    thinking = {"type": "thinking", "thinking": "Hm.", "signature": "gemini:c2ln"}
    prompt = messages(messages=[{"role": "assistant", "content": [thinking, {"type": "text", "text": "x"}]}])

    for name, upstream in UPSTREAMS.items():
        written = upstream.write_request(prompt, Ability(model="gemini-2.5-pro"))
        assert (b"c2ln" in written.body) is (name == "gemini"), name


@pytest.mark.parametrize(
    ("client", "body", "param"),
    [
        ("chat", '{"model": "m"}', "messages"),
        ("chat", '{"messages": []}', "model"),
        ("chat", '{"model": "m", "messages": [{"role": "user", "content": 3}]}', "messages[0].content"),
        (
            "chat",
            '{"model": "m", "messages": [{"role": "user", "content": [{"text": "x"}]}]}',
            "messages[0].content[0].type",
        ),
        ("chat", '{"model": "m", "messages": [{"role": "king"}]}', "messages[0].role"),
        ("chat", '{"model": "m", "messages": [], "temperature": "hot"}', "temperature"),
        ("chat", '{"model": "m", "messages": [], "tools": [{"type": "function"}]}', "tools[0].function"),
        ("chat", '{"model": "m", "messages": [], "tool_choice": "perhaps"}', "tool_choice"),
        ("messages", '{"model": "m", "messages": []}', "max_tokens"),
        ("messages", '{"model": "m", "max_tokens": 1, "messages": [{"role": "user"}]}', "messages[0].content"),
        (
            "messages",
            '{"model": "m", "max_tokens": 1, "messages": [], "tool_choice": {"type": "x"}}',
            "tool_choice.type",
        ),
        ("responses", '{"model": "m", "input": [{"type": "function_call", "name": "f"}]}', "input[0].call_id"),
        ("responses", '{"model": "m", "input": "x", "text": {"format": {"type": "x"}}}', "text.format.type"),
        ("completions", '{"model": "m"}', "prompt"),
    ],
)
def test_a_wrong_field_is_named_with_its_place(client: str, body: str, param: str) -> None:
    with pytest.raises(WrongTypeError) as caught:
        {**CLIENTS}[client].read_request(body.encode())  # pyright: ignore[reportArgumentType] - a name of the table

    assert caught.value.param == param
    assert caught.value.pointer == "/" + param.replace("[", "/").replace("]", "").replace(".", "/")


@pytest.mark.parametrize("client", ["chat", "messages", "responses", "completions"])
@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"\xff", b'{"model": "\\q", "messages": [], "prompt": "", "max_tokens": 1}']
)
def test_what_is_no_json_object_is_refused(client: str, body: bytes) -> None:
    with pytest.raises((MalformedError, WrongTypeError)):
        {**CLIENTS}[client].read_request(body)  # pyright: ignore[reportArgumentType] - a name of the table


@pytest.mark.parametrize("prompt", [["a", "b"], [1, 2], [[1], [2]]])
def test_several_texts_and_tokens_have_no_conversation(prompt: object) -> None:
    with pytest.raises(InvalidError, match="prompt"):
        CLIENTS["completions"].read_request(json.dumps({"model": "m", "prompt": prompt}).encode())


def test_thinking_makes_room_for_itself_and_gives_way_to_forced_tools() -> None:
    upstream, ability = UPSTREAMS["anthropic"], Ability(model="claude-sonnet-4-5", max_tokens=1000)

    free = json.loads(upstream.write_request(chat(reasoning_effort="high"), ability).body)
    tight = upstream.write_request(chat(reasoning_effort="high", max_tokens=500), ability)
    later = json.loads(
        upstream.write_request(chat(reasoning_effort="high", temperature=0.2), Ability(model="claude-opus-4-7")).body
    )

    assert (free["max_tokens"], free["thinking"]["budget_tokens"]) == (64_000, 16_384)
    assert [drop.field for drop in tight.dropped] == ["reasoning_effort"]
    assert later["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert later["output_config"] == {"effort": "high"}
    assert "temperature" not in later
