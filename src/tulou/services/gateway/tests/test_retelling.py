"""A kept response is told again with the events that its stream had, whatever its items are."""

from typing import Any

import msgspec
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from tulou.services.gateway.dialects.sse import Sse
from tulou.services.gateway.http.responses.replay import retold

EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
CALLS = [
    {"id": "fc_1", "type": "function_call", "status": "completed", "call_id": "c1", "name": "f", "arguments": "{}"},
    {"id": "ctc_1", "type": "custom_tool_call", "call_id": "c2", "name": "patch", "input": "*** Begin"},
]


def test_calls_are_told_again_with_what_they_were_called_with() -> None:
    response = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": "completed"}
    body = msgspec.json.encode(response | {"output": CALLS, "tools": [], "tool_choice": "auto", "metadata": {}})

    told = [msgspec.json.decode(payload) for payload in Sse().feed(retold(body))]

    steps = [event for event in told if event["type"].endswith((".delta", ".done")) and "item" not in event]
    assert [(event["type"], event.get("delta")) for event in steps] == [
        ("response.function_call_arguments.delta", "{}"),
        ("response.function_call_arguments.done", None),
        ("response.custom_tool_call_input.delta", "*** Begin"),
        ("response.custom_tool_call_input.done", None),
    ]
    assert (steps[1]["arguments"], steps[3]["input"]) == ("{}", "*** Begin")
    begun = [event["item"] for event in told if event["type"] == "response.output_item.added"]
    assert (begun[0]["arguments"], begun[1]["input"]) == ("", "")
    assert [event["item"] for event in told if event["type"] == "response.output_item.done"] == CALLS
    for event in told:
        if event["type"].startswith("response.custom_tool_call_input"):
            EVENT.validate_python(event)
