"""A tool that must be used is used, whatever the engine makes of a `tool_choice` that is an object."""

from pathlib import Path
from typing import Any

import pytest

from tulou.services.gateway.tests.gate import gate, snapshot, target
from tulou.services.gateway.tests.upstream import upstream

FORCED: dict[str, Any] = {"type": "function", "function": {"name": "weather"}}
ALLOWED: dict[str, Any] = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [FORCED]}}


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}


TOOLS = [tool("time"), tool("weather")]


@pytest.mark.parametrize("streams", [False, True])
async def test_our_workers_are_offered_the_named_tool_alone_and_must_call_it(tmp_path: Path, *, streams: bool) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica(named_tools=False)))) as gateway:
        answer = await gateway.chat(tools=TOOLS, tool_choice=FORCED, temperature=0.5, seed=7, stream=streams)
        assert answer.status_code == 200
        sent = one.seen[0].json
        assert (sent["tools"], sent["tool_choice"]) == ([tool("weather")], "none")
        assert sent["response_format"]["json_schema"]["schema"]["properties"]["name"] == {"const": "weather"}
        assert "parallel_tool_calls" not in sent
        assert (sent["model"], sent["temperature"], sent["seed"]) == ("tiny", 0.5, 7)
        assert ("stream_options" in sent) == streams


async def test_tools_that_are_allowed_are_the_only_ones_offered(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica(named_tools=False)))) as gateway:
        await gateway.chat(tools=TOOLS, tool_choice=ALLOWED)
        sent = one.seen[0].json
        assert (sent["tools"], sent["tool_choice"]) == ([tool("weather")], "auto")
        assert "parallel_tool_calls" not in sent


SEARCH: dict[str, Any] = {"type": "web_search"}
WITH_SEARCH: dict[str, Any] = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [SEARCH]}}


@pytest.mark.parametrize("mode", ["auto", "required"])
async def test_a_vendors_tool_that_is_allowed_lets_no_other_function_be_called(tmp_path: Path, mode: str) -> None:
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [SEARCH]}}
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica(named_tools=False)))) as gateway:
        answer = await gateway.chat(tools=[*TOOLS, SEARCH], tool_choice=choice)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "tool_choice")
        assert "web_search" in answer.json()["error"]["message"]
        assert not one.seen


async def test_a_vendor_that_runs_a_tool_gets_the_choice_of_it_as_it_came(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica(provider="openai")))) as gateway:
        assert (await gateway.chat(tools=[*TOOLS, SEARCH], tool_choice=WITH_SEARCH)).status_code == 200
        assert one.seen[0].json["tool_choice"] == WITH_SEARCH


async def test_an_upstream_that_understands_the_object_gets_it_as_it_came(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        await gateway.chat(tools=TOOLS, tool_choice=FORCED)
        sent = one.seen[0].json
        assert (sent["tools"], sent["tool_choice"]) == (TOOLS, FORCED)
        assert "parallel_tool_calls" not in sent


CUSTOM: dict[str, Any] = {"type": "custom", "custom": {"name": "patch", "description": "Edits."}}


@pytest.mark.parametrize(("provider", "kind"), [("openai", "custom"), ("vllm", "function"), ("tulou", "function")])
async def test_a_tool_that_takes_a_text_is_a_function_for_whom_does_not_know_such(
    tmp_path: Path, provider: str, kind: str
) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica(provider=provider)))) as gateway:
        answer = await gateway.chat(tools=[CUSTOM], seed=7)
        assert answer.status_code == 200
        sent = one.seen[0].json
        assert [tool["type"] for tool in sent["tools"]] == [kind]
        assert sent["tools"][0][kind]["name"] == "patch"
        assert sent["seed"] == 7


@pytest.mark.parametrize("choice", ["auto", "none", None, {"type": "custom", "custom": {"name": "sql"}}])
async def test_any_other_choice_passes_as_it_came(tmp_path: Path, choice: object) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica(named_tools=False)))) as gateway:
        await gateway.chat(tools=TOOLS, tool_choice=choice)
        assert (one.seen[0].json["tools"], one.seen[0].json["tool_choice"]) == (TOOLS, choice)


@pytest.mark.parametrize(
    ("choice", "tools", "says"),
    [
        ({"type": "function", "function": {"name": "rain"}}, TOOLS, "'rain', which is not in tools: time, weather"),
        (FORCED, None, "'weather', which is not in tools: empty"),
        (FORCED, [{"type": "custom", "custom": {"name": "weather"}}], "not in tools: empty"),
        ({"type": "function"}, TOOLS, "tool_choice is a word"),
        ({"type": "function", "function": {"name": 7}}, TOOLS, "tool_choice is a word"),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "often", "tools": []}}, TOOLS, "tool_choice is a word"),
        ({}, TOOLS, "tool_choice is a word"),
    ],
)
async def test_a_choice_that_names_no_tool_of_the_request_is_refused(
    tmp_path: Path, choice: object, tools: object, says: str
) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        answer = await gateway.chat(tools=tools, tool_choice=choice)
        error = answer.json()["error"]
        assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", "tool_choice")
        assert says in error["message"]
        assert not one.seen
