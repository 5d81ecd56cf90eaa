"""Searches that a vendor makes on the web cost apart from tokens, and are counted."""

from typing import Any

import msgspec
import pytest

from tulou.services.gateway.dialects.catalogue import UPSTREAMS
from tulou.services.gateway.dialects.events import Used

CALL = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "tulou"}}
SAID = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": 'a "web_search_call"'}]}
USAGE = {"input_tokens": 9, "output_tokens": 4, "total_tokens": 13}


def response(*output: dict[str, Any], **changes: Any) -> dict[str, Any]:
    told = {"id": "resp_1", "object": "response", "status": "completed", "model": "m", "output": output, "usage": USAGE}
    return told | changes


def used(events: Any) -> Used:
    return next(event for event in events if isinstance(event, Used))


@pytest.mark.parametrize(("output", "searches"), [((CALL, SAID, CALL), 2), ((SAID,), 0), ((), 0)])
def test_each_search_of_a_response_is_counted_whole_and_streamed(output: Any, searches: int) -> None:
    upstream = UPSTREAMS["responses"]
    assert used(upstream.read_answer(msgspec.json.encode(response(*output)))).searches == searches
    ended = {"type": "response.completed", "response": response(*output)}
    assert used(upstream.reader().feed(b"data: " + msgspec.json.encode(ended) + b"\n\n")).searches == searches


def test_a_search_in_an_answer_that_counts_nothing_waits_for_an_estimate() -> None:
    body = msgspec.json.encode(response(CALL, usage=None))
    assert not [event for event in UPSTREAMS["responses"].read_answer(body) if isinstance(event, Used)]
