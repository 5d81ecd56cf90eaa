"""Forced calls in llama.cpp itself: a model of random weights whose template knows no tools makes them all the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.engines.conftest import client_of, spec_of, user
from tests.integration.engines.test_llamacpp import opened
from tulou.services.gateway.stack.tool_calls.answer import whole_answer
from tulou.services.gateway.stack.tool_calls.offer import offer_of

ROOM: dict[str, Any] = {
    "type": "object",
    "$defs": {"floor": {"enum": ["ground", "first"]}},
    "properties": {"floor": {"$ref": "#/$defs/floor"}, "open": {"type": "boolean"}},
    "required": ["floor", "open"],
    "additionalProperties": False,
}
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "open_room", "parameters": ROOM}},
    {"type": "function", "function": {"name": "count_rooms", "parameters": {"enum": [{}]}}},
]


@pytest.mark.parametrize("tools", [TOOLS, TOOLS[:1]], ids=["any", "named"])
async def test_a_forced_call_comes_whatever_the_template_knows(endless: Path, tools: list[dict[str, Any]]) -> None:
    asked = {"messages": user("Open a room."), "tools": tools, "tool_choice": "required", "max_tokens": 400}
    async with opened(spec_of(endless)) as engine, client_of(engine) as http:
        for seed in range(4):
            offer = offer_of(json.dumps({**asked, "seed": seed}).encode())
            assert offer is not None
            reply = await http.post("/v1/chat/completions", content=offer.body)
            assert reply.status_code == 200, reply.text
            choice = json.loads(whole_answer(reply.content, offer))["choices"][0]
            (call,) = choice["message"]["tool_calls"]
            arguments = json.loads(call["function"]["arguments"])
            assert choice["finish_reason"] == "tool_calls"
            if call["function"]["name"] == "open_room":
                assert arguments.keys() == {"floor", "open"}
                assert arguments["floor"] in ROOM["$defs"]["floor"]["enum"]
            else:
                assert (call["function"]["name"], arguments) == ("count_rooms", {})


async def test_a_forced_call_that_is_cut_short_is_no_error(endless: Path) -> None:
    asked = {"messages": user("Open a room."), "tools": TOOLS[:1], "tool_choice": "required", "max_tokens": 8}
    offer = offer_of(json.dumps(asked).encode())
    assert offer is not None
    async with opened(spec_of(endless)) as engine, client_of(engine) as http:
        reply = await http.post("/v1/chat/completions", content=offer.body)
    assert reply.status_code == 200, reply.text
    assert json.loads(reply.content)["choices"][0]["finish_reason"] == "length"
