"""A broken tool is the caller's fault, and is told before an engine can stumble over it."""

import json

import pytest

from tulou.services.gateway.endpoints.read import read
from tulou.services.gateway.refusals import WrongTypeError


def body(*tools: object) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}], "tools": tools}).encode()


@pytest.mark.parametrize(
    ("tool", "param"),
    [
        ({}, "tools[0]"),
        ({"type": 3}, "tools[0]"),
        ({"type": "function"}, "tools[0].function"),
        ({"type": "function", "function": {}}, "tools[0].function"),
        ({"type": "function", "function": {"name": ""}}, "tools[0].function"),
        ({"type": "function", "function": {"name": "f", "parameters": []}}, "tools[0].function"),
    ],
)
def test_a_broken_tool_is_refused_with_its_place(tool: object, param: str) -> None:
    with pytest.raises(WrongTypeError) as caught:
        read("chat", body(tool))

    assert caught.value.param == param


@pytest.mark.parametrize("tool", [{"type": "function", "function": {"name": "f"}}, {"type": "custom", "custom": {}}])
def test_a_whole_tool_and_a_kind_of_the_engines_own_pass(tool: object) -> None:
    read("chat", body(tool))
