"""Names of tools that a vendor does not take are shortened for it, and the client never sees that."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulou.contracts.discovery.messages import UpstreamDialect as UpstreamName
from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability
from tulou.services.gateway.dialects.events import CallStarted, TextPiece
from tulou.services.gateway.dialects.names import NONE, RULES, fitted, restored
from tulou.services.gateway.dialects.prompt import Prompt, Tool, ToolCall, ToolChoice, ToolResult, Turn

LONG = "mcp__github-enterprise__" + "create_or_update_file_contents_in_repository_" * 3
ODD = "files.read/größe"
NAMES = st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=8, unique=True)


def prompt(*names: str) -> Prompt:
    called = tuple(ToolCall(id=name, name=name, arguments="{}") for name in names)
    answers = tuple(ToolResult(id=name, name=name, parts=()) for name in names)
    return Prompt(
        model="m",
        turns=(Turn(role="assistant", parts=called), Turn(role="tool", parts=answers)),
        tools=tuple(Tool(name=name) for name in names),
        tool_choice=ToolChoice(mode="required", names=names[:1]),
    )


def parts(told: Prompt) -> list[str]:
    return [part.name for turn in told.turns for part in turn.parts if isinstance(part, ToolCall | ToolResult)]


@pytest.mark.parametrize("upstream", RULES)
@given(names=NAMES)
def test_whatever_the_names_each_fits_is_its_own_and_comes_back(upstream: UpstreamName, names: list[str]) -> None:
    rule = RULES[upstream]
    told, old = fitted(prompt(*names), rule)
    new = [tool.name for tool in told.tools]

    assert all(rule.fit.fullmatch(name) for name in new)
    assert len(set(new)) == len(names)
    assert [old.get(name, name) for name in new] == names
    assert parts(told) == [*new, *new]
    assert told.tool_choice is not None
    assert told.tool_choice.names == (new[0],)
    back = restored([CallStarted(id="1", name=new[0]), TextPiece(text="x")], old)
    assert back == [CallStarted(id="1", name=names[0]), TextPiece(text="x")]


@pytest.mark.parametrize("upstream", RULES)
def test_a_name_becomes_the_same_in_every_request(upstream: UpstreamName) -> None:
    alone, _ = fitted(prompt(LONG), RULES[upstream])
    among, _ = fitted(prompt("other", ODD, LONG), RULES[upstream])

    assert alone.tools[0].name == among.tools[2].name


def test_names_that_look_like_shortened_ones_are_kept_apart() -> None:
    first, _ = fitted(prompt(LONG), RULES["openai"])
    taken = first.tools[0].name
    both, old = fitted(prompt(taken, LONG), RULES["openai"])

    assert both.tools[0].name == taken
    assert both.tools[1].name != taken
    assert old == {both.tools[1].name: LONG}


def test_names_that_fit_cost_nothing() -> None:
    asked = prompt("look", "get-weather_2")

    assert fitted(asked, RULES["openai"]) == (asked, NONE)
    assert fitted(asked, RULES["openai"])[0] is asked


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_tools_of_a_client_of_messages_reach_every_vendor(upstream: UpstreamName) -> None:
    body: dict[str, Any] = {
        "model": "m",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "Hi"}],
        "tools": [{"name": LONG, "input_schema": {}}, {"name": "look", "input_schema": {}}],
        "tool_choice": {"type": "tool", "name": LONG},
    }
    asked, old = fitted(CLIENTS["messages"].read_request(json.dumps(body).encode()), RULES[upstream])
    written = UPSTREAMS[upstream].write_request(asked, Ability(model="gemini-2.5-pro")).body.decode()

    (short,) = old
    assert LONG not in written
    assert written.count(json.dumps(short)) == 2
