"""How streams are cut, held back and passed on, byte by byte."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulou.services.gateway.dialects.sse import split_complete, split_events
from tulou.services.gateway.stack.call import Usage
from tulou.services.gateway.stack.events import scan_usage
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.holdback import RefusedAnswerError, StreamGate
from tulou.services.gateway.stack.relay import PIECE_BYTES, Relay
from tulou.services.gateway.stack.rewrite import with_model, with_usage
from tulou.services.gateway.tests.upstream import chunk, usage_chunk

NULLS = b'data: {"choices":[{"delta":{"content":"x"}}],"usage":null}\n\n'
DONE = b"data: [DONE]\n\n"


@given(st.lists(st.integers(0, 400), max_size=8), st.booleans())
def test_however_a_stream_is_cut_the_same_comes_out(cuts: list[int], crlf: bool) -> None:  # noqa: FBT001 - hypothesis
    whole = chunk("a") + NULLS + chunk("b") + usage_chunk(5, 2) + DONE
    kept = chunk("a") + NULLS + chunk("b") + DONE
    if crlf:
        whole, kept = whole.replace(b"\n", b"\r\n"), kept.replace(b"\n", b"\r\n")
    places = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
    relay = Relay(strip_usage=True)
    out = b"".join(relay.feed(whole[start:end]) for start, end in pairwise(places))
    assert out + relay.end() == kept
    assert relay.usage == Usage(5, 2)


def test_only_whole_events_go_out() -> None:
    relay = Relay(strip_usage=False)
    assert relay.feed(chunk("a") + b"data: {") == chunk("a")
    assert relay.feed(b'"x":1}\n') == b""
    assert relay.feed(b"\n") == b'data: {"x":1}\n\n'
    assert relay.events == 2
    assert not relay.torn


def test_an_event_beyond_all_measure_goes_out_in_pieces_and_is_said_to_be_torn() -> None:
    relay = Relay(strip_usage=False)
    piece = b"data: " + b"x" * PIECE_BYTES
    assert relay.feed(piece) == piece
    assert relay.torn
    assert relay.feed(b"y\n\n") == b"y\n\n"
    assert not relay.torn


def test_usage_beside_text_is_read_and_kept() -> None:
    last = b'data: {"choices":[{"delta":{}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n'
    relay = Relay(strip_usage=True)
    assert relay.feed(last) == last
    assert relay.usage == Usage(1, 2)


def test_an_event_is_about_a_token_unless_it_brings_more() -> None:
    relay = Relay(strip_usage=False)
    relay.feed(chunk("a") + chunk("b"))
    assert relay.tokens == 2
    relay.feed(chunk("wall " * 200))  # 1000 bytes of text at four a token
    assert relay.tokens == 2 + 250
    relay.feed(b'data: {"choices":[{"delta":{"content":"x"},"logprobs":"%b"}]}\n\n' % (b"y" * 2000))
    assert relay.tokens == 2 + 250 + 1
    called = b'{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"%b"}}]}}]}' % (b"z" * 800)
    relay.feed(b"data: " + called + b"\n\n")
    assert relay.tokens == 2 + 250 + 1 + 200


def test_text_that_speaks_of_usage_is_only_text() -> None:
    said = chunk('say "usage":{"prompt_tokens":99} please')
    relay = Relay(strip_usage=True)
    assert relay.feed(said) == said
    assert relay.usage is None


def test_counts_are_found_in_a_whole_answer_wherever_they_stand() -> None:
    assert scan_usage(b'{"usage": {"prompt_tokens": 3, "completion_tokens": 4}, "choices": []}') == Usage(3, 4)
    assert scan_usage(b'{"data": [], "usage": {"prompt_tokens": 3, "total_tokens": 3}}') == Usage(3, 0)
    assert scan_usage(b'{"choices": [{"text": "\\"usage\\": {\\"prompt_tokens\\": 9}"}]}') is None


def test_events_are_split_at_empty_lines_of_either_kind() -> None:
    assert split_events(b"a\n\nb\r\n\r\nc") == [b"a\n\n", b"b\r\n\r\n", b"c"]
    assert split_complete(b"a\n\nb") == (b"a\n\n", b"b")
    assert split_complete(b"ab") == (b"", b"ab")
    assert split_complete(b"a\r\n\r\nb") == (b"a\r\n\r\n", b"b")


def test_a_stream_is_held_until_its_first_good_event() -> None:
    hold = StreamGate()
    assert hold.feed(b": ping\n\n") is None
    assert hold.feed(chunk("a")[:10]) is None
    assert hold.feed(chunk("a")[10:]) == b": ping\n\n" + chunk("a")


def test_a_stream_is_not_held_for_ever() -> None:
    hold = StreamGate()
    pings = b": ping\n\n" * 1000
    assert hold.feed(pings) is None, "signs of life are no reason to give up fail-over"
    assert hold.feed(pings * 40) is not None
    assert StreamGate().feed(b"data: " + b"x" * 300_000) is not None


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (b'data: {"error": {"message": "x"}}\n\n', "bad_stream"),
        (b'data: {"error": "x"}\n\n', "bad_stream"),
        (b'event: error\ndata: {"message": "x"}\n\n', "bad_stream"),
        (b'data: {"error": {"code": 429}}\n\n', "busy"),
        (b'data: {"error": {"code": "server_error"}}\n\n', "bad_stream"),
        (b"data: nonsense\n\n", "bad_stream"),
    ],
)
def test_a_stream_that_begins_badly_has_failed(event: bytes, kind: str) -> None:
    with pytest.raises(AttemptFailedError) as caught:
        StreamGate().feed(event)
    assert caught.value.kind == kind


def test_a_first_event_that_blames_the_request_is_final() -> None:
    with pytest.raises(RefusedAnswerError) as caught:
        StreamGate().feed(b'data: {"error": {"code": 400, "message": "too long"}}\n\n')
    assert caught.value.status == 400


def test_only_the_model_changes_when_it_is_rewritten() -> None:
    body = b'{"model": "a", "messages": [{"role": "user", "content": "caf\xc3\xa9"}], "x": 1.50}'
    assert (
        with_model(body, "b/c") == b'{"model":"b/c","messages":[{"role": "user", "content": "caf\xc3\xa9"}],"x":1.50}'
    )


def test_usage_is_asked_for_beside_what_the_client_asked() -> None:
    assert with_usage(b'{"model": "a"}', has_options=False) == (
        b'{"stream_options":{"include_usage":true},"model": "a"}'
    )
    told = with_usage(b'{"model":"a","stream_options":{"include_usage":false,"x":1}}', has_options=True)
    assert told == b'{"model":"a","stream_options":{"include_usage":true,"x":1}}'
    assert b'"include_usage":true' in with_usage(b'{"stream_options": null}', has_options=True)
