"""What vendors tell of their caches and searches: kept apart, since each costs differently."""

import msgspec
import pytest

from tulou.services.gateway.dialects.anthropic.answer_reader import Reader, read_answer
from tulou.services.gateway.dialects.anthropic.answer_writer import usage_of
from tulou.services.gateway.dialects.bedrock import answer_reader as bedrock
from tulou.services.gateway.dialects.events import Used
from tulou.services.gateway.dialects.tests.eventstream import event

COUNTS: dict[str, object] = {
    "input_tokens": 10,
    "cache_creation_input_tokens": 500,
    "cache_read_input_tokens": 40,
    "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 400},
    "output_tokens": 7,
    "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
}
USED = Used(input=550, output=7, cached=40, cache_written=500, cache_written_hour=400, searches=2)
MESSAGE: dict[str, object] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "stop_reason": None,
}


def test_a_whole_message_tells_what_was_written_for_an_hour_and_what_was_searched() -> None:
    assert read_answer(msgspec.json.encode({**MESSAGE, "usage": COUNTS}))[-1] == USED


def test_a_stream_of_a_message_tells_it_in_its_first_and_last_events() -> None:
    begins: object = {"type": "message_start", "message": {**MESSAGE, "usage": COUNTS | {"output_tokens": 1}}}
    ends: object = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}}
    frames = [b"event: x\ndata: %b\n\n" % msgspec.json.encode(one) for one in (begins, ends)]
    reader = Reader()
    events = [event for frame in frames for event in reader.feed(frame)]
    assert events[-1] == USED


@pytest.mark.parametrize("hour", [501, 10**9])
def test_no_more_is_kept_for_an_hour_than_was_written_at_all(hour: int) -> None:
    counts = COUNTS | {"cache_creation": {"ephemeral_1h_input_tokens": hour}}
    used = read_answer(msgspec.json.encode({**MESSAGE, "usage": counts}))[-1]
    assert isinstance(used, Used)
    assert used.cache_written_hour == 500


def test_converse_tells_it_by_the_time_to_live() -> None:
    details: object = [{"ttl": "5m", "inputTokens": 100}, {"ttl": "1h", "inputTokens": 400}]
    usage: dict[str, object] = {
        "inputTokens": 10,
        "outputTokens": 7,
        "cacheReadInputTokens": 40,
        "cacheWriteInputTokens": 500,
    }
    body: dict[str, object] = {
        "output": {"message": {}},
        "stopReason": "end_turn",
        "usage": usage | {"cacheDetails": details},
    }
    expected = Used(input=550, output=7, cached=40, cache_written=500, cache_written_hour=400)
    assert bedrock.read_answer(msgspec.json.encode(body))[-1] == expected
    assert bedrock.Reader().feed(event("metadata", msgspec.json.encode({"usage": body["usage"]})))[-1] == expected


def test_a_client_of_messages_reads_it_as_its_vendor_would_write_it() -> None:
    written = usage_of(USED)
    assert {name: written[name] for name in COUNTS if name != "server_tool_use"} == {
        name: COUNTS[name] for name in COUNTS if name != "server_tool_use"
    }
    assert written["server_tool_use"] == {"web_search_requests": 2}
