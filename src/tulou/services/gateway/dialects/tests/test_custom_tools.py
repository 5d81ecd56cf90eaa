"""Tools that take a text as it is, and groups of tools: elsewhere functions, and back as what the client gave."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulou.contracts.discovery.messages import UpstreamDialect as UpstreamName
from tulou.contracts.routing.messages import Endpoint
from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.custom_input import InputReader, unwrapped, wrapped
from tulou.services.gateway.dialects.dialect import Ability, Echo, Written
from tulou.services.gateway.dialects.events import CallPiece, CallStarted, Event, Finished, PartEnded, Started
from tulou.services.gateway.dialects.prompt import Prompt
from tulou.services.gateway.dialects.tests import told

Json = dict[str, Any]
PATCH = '*** Begin Patch\n*** Add File: a.txt\n+"quoted" \\ 福建 😀\n*** End Patch'
GRAMMAR = 'start: "*** Begin Patch" /.+/'
APPLY_PATCH: Json = {
    "type": "custom",
    "name": "apply_patch",
    "description": "Edits files.",
    "format": {"type": "grammar", "syntax": "lark", "definition": GRAMMAR},
}
CHAT_PATCH: Json = {
    "type": "custom",
    "custom": {
        "name": "apply_patch",
        "description": "Edits files.",
        "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": GRAMMAR}},
    },
}
PARAMETERS = {"type": "object", "properties": {"id": {"type": "string"}}}
CLOSE: Json = {"type": "function", "name": "close", "strict": False, "parameters": PARAMETERS}
AGENTS: Json = {
    "type": "namespace",
    "name": "agents",
    "description": "Other agents.",
    "tools": [CLOSE, {"type": "custom", "name": "tell", "description": "Tells them."}],
}
SHELL: Json = {"type": "function", "name": "shell", "strict": False, "parameters": PARAMETERS}
QUESTION = {"role": "user", "content": "Go."}


def responses(**fields: Any) -> Prompt:
    body = {"model": "house", "input": [QUESTION], "tools": [SHELL, APPLY_PATCH, AGENTS], **fields}
    return CLIENTS["responses"].read_request(json.dumps(body).encode())


def chat(**fields: Any) -> Prompt:
    body = {"model": "house", "messages": [QUESTION], "tools": [CHAT_PATCH], **fields}
    return CLIENTS["chat"].read_request(json.dumps(body).encode())


def write(upstream: UpstreamName, prompt: Prompt) -> Written:
    return UPSTREAMS[upstream].write_request(prompt, Ability(model="m"))


def offered(upstream: UpstreamName, body: bytes) -> dict[str, tuple[str, object]]:
    """Return description and parameters of the functions that an upstream is offered, by name."""
    request = json.loads(body)
    match upstream:
        case "openai":
            functions = [tool["function"] for tool in request["tools"]]
            return {one["name"]: (one.get("description", ""), one["parameters"]) for one in functions}
        case "anthropic":
            return {one["name"]: (one.get("description", ""), one["input_schema"]) for one in request["tools"]}
        case "gemini":
            functions = request["tools"][0]["functionDeclarations"]
            return {one["name"]: (one["description"], one["parametersJsonSchema"]) for one in functions}
        case _:
            specs = [one["toolSpec"] for one in request["toolConfig"]["tools"]]
            return {one["name"]: (one.get("description", ""), one["inputSchema"]["json"]) for one in specs}


FOREIGN: tuple[UpstreamName, ...] = ("openai", "anthropic", "gemini", "bedrock")
CALLS: list[tuple[str, str, Json]] = [
    ("shell", '{"id":"1"}', {"type": "function_call", "name": "shell", "arguments": '{"id":"1"}'}),
    ("apply_patch", wrapped(PATCH), {"type": "custom_tool_call", "name": "apply_patch", "input": PATCH}),
    (
        "agents__close",
        '{"id":"2"}',
        {"type": "function_call", "name": "close", "namespace": "agents", "arguments": '{"id":"2"}'},
    ),
    (
        "agents__tell",
        wrapped("hi"),
        {"type": "custom_tool_call", "name": "tell", "namespace": "agents", "input": "hi"},
    ),
]


def answer() -> list[Event]:
    """Return the events of an answer with all calls, their arguments in pieces of three letters."""
    events: list[Event] = [Started(id="x", model="m")]
    for place, (name, arguments, _) in enumerate(CALLS):
        events.append(CallStarted(id=f"call_{place}", name=name, place=place))
        events += [CallPiece(arguments=arguments[at : at + 3], place=place) for at in range(0, len(arguments), 3)]
        events.append(PartEnded(place=place))
    return [*events, Finished(reason="tool_calls")]


def echo(client: Endpoint, prompt: Prompt) -> Echo:
    return Echo(id=f"{CLIENTS[client].id_prefix}0abc", model="house", created=1764115200, prompt=prompt)


def without_names(item: Json) -> Json:
    return {name: value for name, value in item.items() if name not in {"id", "status", "call_id"}}


@pytest.mark.parametrize("upstream", FOREIGN)
def test_a_custom_tool_is_a_function_of_one_string_elsewhere(upstream: UpstreamName) -> None:
    for prompt in (responses(), chat()) if upstream != "openai" else (responses(),):
        written = write(upstream, prompt)
        description, parameters = offered(upstream, written.body)["apply_patch"]

        assert isinstance(parameters, dict)
        assert parameters["properties"]["input"]["type"] == "string"
        assert parameters["required"] == ["input"]
        assert description.startswith("Edits files.")
        assert GRAMMAR in description
        assert [drop.field for drop in written.dropped] == ["tools.format"]


@pytest.mark.parametrize("upstream", FOREIGN)
def test_tools_of_a_group_are_offered_by_joined_names(upstream: UpstreamName) -> None:
    functions = offered(upstream, write(upstream, responses()).body)

    assert list(functions) == ["shell", "apply_patch", "agents__close", "agents__tell"]
    assert functions["agents__close"] == ("About all tools of agents: Other agents.", PARAMETERS)
    assert functions["agents__tell"][0] == "Tells them."


def test_the_dialect_that_knows_them_gets_them_as_they_are() -> None:
    given = json.loads(write("responses", responses()).body)["tools"]
    from_chat = json.loads(write("responses", chat()).body)["tools"]
    to_chat = json.loads(write("openai", chat()).body)["tools"]

    assert given == [SHELL, APPLY_PATCH, AGENTS]
    assert from_chat == [APPLY_PATCH]
    assert to_chat == [CHAT_PATCH]


def test_calls_come_back_as_the_client_knows_the_tools() -> None:
    client = CLIENTS["responses"]

    whole = told.whole("responses", client.write_answer(answer(), echo("responses", responses())))

    assert [without_names(item) for item in whole["output"]] == [item for _, _, item in CALLS]
    assert whole["tools"] == [SHELL, APPLY_PATCH, AGENTS]
    assert [item["id"].partition("_")[0] for item in whole["output"]] == ["fc", "ctc", "fc", "ctc"]


def test_streamed_calls_come_back_as_the_client_knows_the_tools() -> None:
    writer = CLIENTS["responses"].writer(echo("responses", responses(stream=True)))

    pieces = told.pieces("responses", writer.write(answer()) + writer.end())

    done = [piece["item"] for piece in pieces if piece["type"] == "response.output_item.done"]
    assert [without_names(item) for item in done] == [item for _, _, item in CALLS]
    assert pieces[-1]["response"]["output"] == done
    patch = [piece for piece in pieces if piece.get("item_id") == done[1]["id"]]
    assert {piece["type"] for piece in patch[:-1]} == {"response.custom_tool_call_input.delta"}
    assert len(patch) > 5
    assert "".join(piece["delta"] for piece in patch[:-1]) == PATCH
    assert patch[-1]["type"] == "response.custom_tool_call_input.done"
    assert patch[-1]["input"] == PATCH
    begun = [piece["item"] for piece in pieces if piece["type"] == "response.output_item.added"]
    assert [item["type"] for item in begun] == [item["type"] for item in done]
    assert [item.get("input") for item in begun] == [None, "", None, ""]
    named = [piece["name"] for piece in pieces if piece["type"] == "response.function_call_arguments.done"]
    assert named == ["shell", "close"]


def test_chat_clients_get_the_text_that_a_custom_tool_is_called_with() -> None:
    called: list[Event] = [
        Started(id="x"),
        CallStarted(id="call_1", name="apply_patch"),
        *(CallPiece(arguments=piece) for piece in wrapped(PATCH)),
        PartEnded(),
        Finished(reason="tool_calls"),
    ]
    client = CLIENTS["chat"]
    writer = client.writer(echo("chat", chat(stream=True)))

    whole = told.whole("chat", client.write_answer(called, echo("chat", chat())))
    stream = writer.write(called) + writer.end()

    custom = {"name": "apply_patch", "input": PATCH}
    assert whole["choices"][0]["message"]["tool_calls"] == [{"id": "call_1", "type": "custom", "custom": custom}]
    chunks = [json.loads(line[6:]) for line in stream.split(b"\n\n") if line.startswith(b"data: {")]
    calls = [call for chunk in chunks for call in chunk["choices"][0]["delta"].get("tool_calls", ())]
    assert (calls[0]["id"], calls[0]["type"], calls[0]["custom"]["name"]) == ("call_1", "custom", "apply_patch")
    assert "".join(call["custom"]["input"] for call in calls) == PATCH


HISTORY: list[Json] = [
    QUESTION,
    {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c1", "name": "apply_patch", "input": PATCH},
    {"type": "custom_tool_call_output", "call_id": "c1", "output": "Done"},
    {"type": "function_call", "call_id": "c2", "name": "close", "namespace": "agents", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c2", "output": "Closed"},
]


@pytest.mark.parametrize("upstream", FOREIGN)
def test_earlier_calls_go_on_as_those_of_functions(upstream: UpstreamName) -> None:
    written = write(upstream, responses(input=HISTORY))

    body = written.body.decode()
    assert json.dumps(wrapped(PATCH), ensure_ascii=False) in body or wrapped(PATCH) in body
    assert '"agents__close"' in body
    assert '"Done"' in body
    assert [drop.field for drop in written.dropped] == ["tools.format"]


def test_earlier_calls_go_back_as_they_came_to_the_dialect_that_knows_them() -> None:
    given = json.loads(write("responses", responses(input=HISTORY)).body)["input"]
    calls = [
        {"id": "c1", "type": "custom", "custom": {"name": "apply_patch", "input": PATCH}},
        {"id": "c2", "type": "function", "function": {"name": "shell", "arguments": "{}"}},
    ]
    results = [{"role": "tool", "tool_call_id": call["id"], "content": "Done"} for call in calls]
    conversation = [QUESTION, {"role": "assistant", "content": None, "tool_calls": calls}, *results]
    from_chat = json.loads(write("responses", chat(messages=conversation)).body)["input"]
    to_chat = json.loads(write("openai", chat(messages=conversation)).body)["messages"]

    assert given[1:] == HISTORY[1:]
    assert [item["type"] for item in from_chat[1:]] == [
        "custom_tool_call",
        "function_call",
        "custom_tool_call_output",
        "function_call_output",
    ]
    assert from_chat[1]["input"] == PATCH
    assert to_chat[1]["tool_calls"] == calls


CHOICES: list[tuple[object, str]] = [
    ({"type": "custom", "name": "apply_patch"}, "apply_patch"),
    ({"type": "function", "name": "close"}, "agents__close"),
    ({"type": "custom", "name": "tell", "namespace": "agents"}, "agents__tell"),
]


@pytest.mark.parametrize(("choice", "name"), CHOICES)
def test_a_tool_that_must_be_called_is_named_as_it_is_offered(choice: object, name: str) -> None:
    prompt = responses(tool_choice=choice)

    assert json.loads(write("openai", prompt).body)["tool_choice"]["function"]["name"] == name
    assert json.loads(write("anthropic", prompt).body)["tool_choice"] == {"type": "tool", "name": name}
    assert json.loads(write("bedrock", prompt).body)["toolConfig"]["toolChoice"] == {"tool": {"name": name}}
    native = json.loads(write("responses", prompt).body)["tool_choice"]
    assert (native["type"], native["name"]) == ({**choice}["type"], {**choice}["name"])  # pyright: ignore[reportGeneralTypeIssues] - an object


def test_some_of_the_tools_may_be_allowed() -> None:
    named = [{"type": "custom", "name": "apply_patch"}, {"type": "function", "name": "shell"}, {"type": "web_search"}]
    prompt = responses(tool_choice={"type": "allowed_tools", "mode": "auto", "tools": named})

    written = json.loads(write("anthropic", prompt).body)

    assert [tool["name"] for tool in written["tools"]] == ["shell", "apply_patch"]


def test_the_answers_of_a_vendor_that_knows_custom_tools_reach_clients_that_do() -> None:
    item = {"type": "custom_tool_call", "id": "ctc", "call_id": "c1", "name": "apply_patch", "input": PATCH}
    events: list[Json] = [
        {"type": "response.created", "response": {"id": "r", "object": "response"}},
        {"type": "response.output_item.added", "output_index": 0, "item": item | {"input": ""}},
        *({"type": "response.custom_tool_call_input.delta", "output_index": 0, "delta": letter} for letter in PATCH),
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": {"id": "r", "object": "response", "status": "completed"}},
    ]
    stream = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
    whole = {"object": "response", "status": "completed", "output": [item]}
    reader = UPSTREAMS["responses"].reader()
    streamed = [*reader.feed(stream), *reader.end()]

    for read in (streamed, UPSTREAMS["responses"].read_answer(json.dumps(whole).encode())):
        answered = told.whole("chat", CLIENTS["chat"].write_answer(read, echo("chat", chat())))
        [call] = answered["choices"][0]["message"]["tool_calls"]
        assert call == {"id": "c1", "type": "custom", "custom": {"name": "apply_patch", "input": PATCH}}


def test_tools_that_an_item_adds_are_offered_as_those_of_the_request_are() -> None:
    added = {"type": "additional_tools", "role": "developer", "tools": [AGENTS, SHELL | {"description": "New."}]}
    prompt = responses(input=[added, QUESTION], tools=[SHELL, APPLY_PATCH])

    functions = offered("anthropic", write("anthropic", prompt).body)
    whole = told.whole("responses", CLIENTS["responses"].write_answer(answer(), echo("responses", prompt)))

    assert list(functions) == ["apply_patch", "agents__close", "agents__tell", "shell"]
    assert functions["shell"][0] == "New."
    assert [without_names(item) for item in whole["output"]] == [item for _, _, item in CALLS]
    assert json.loads(write("responses", prompt).body)["input"] == [{"type": "message", **QUESTION}]


def test_two_tools_that_would_have_the_same_name_are_refused_with_it() -> None:
    prompt = responses(tools=[SHELL | {"name": "agents__close"}, AGENTS])

    with pytest.raises(InvalidError, match="agents__close") as caught:
        write("anthropic", prompt)

    assert caught.value.param == "tools"
    assert len(json.loads(write("responses", prompt).body)["tools"]) == 2


@given(text=st.text(), cuts=st.lists(st.integers(0, 400), max_size=20), plain=st.booleans())
def test_a_text_is_read_out_of_its_json_however_it_is_cut(text: str, cuts: list[int], plain: bool) -> None:  # noqa: FBT001 - drawn
    arguments = json.dumps({"input": text}, ensure_ascii=plain, indent=1)
    ends = sorted({min(cut, len(arguments)) for cut in cuts} | {len(arguments)})
    reader = InputReader()

    read = "".join(reader.feed(arguments[start:end]) for start, end in zip([0, *ends], ends, strict=False))

    assert read + reader.end() == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"patch": "x\\ny"}', "x\ny"),
        ('{"a": "x", "b": "y"}', '{"a": "x", "b": "y"}'),
        ("*** Begin Patch", "*** Begin Patch"),
        ('{"input": "cut off', "cut off"),
        ('{"input": "a \\$b \\ud83d c and more of it"}', "a \\$b \N{REPLACEMENT CHARACTER} c and more of it"),
        ("", ""),
        ("{}", ""),
        ('{"input": "x\\ud83d"}', "x\N{REPLACEMENT CHARACTER}"),
        ('{"input": "x\\u12', "x\N{REPLACEMENT CHARACTER}"),
        ('{"input": "x\\', "x\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_a_model_writes_instead_is_taken_as_well_as_can_be(arguments: str, text: str) -> None:
    assert unwrapped(arguments) == text
