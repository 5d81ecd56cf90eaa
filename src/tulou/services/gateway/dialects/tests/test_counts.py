"""Token counts, as upstreams write them and as they cannot be."""

import json
import re
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tulou.kernel.numbers import COUNT_MAX
from tulou.services.gateway.dialects.anthropic.shapes import Usage as AnthropicUsage
from tulou.services.gateway.dialects.bedrock.shapes import Usage as BedrockUsage
from tulou.services.gateway.dialects.catalogue import UPSTREAMS
from tulou.services.gateway.dialects.counts import CountReader, bounded
from tulou.services.gateway.dialects.events import Event, Miscounted, Used
from tulou.services.gateway.dialects.gemini.shapes import Usage as GeminiUsage
from tulou.services.gateway.dialects.openai_chat.answer_reader import counted
from tulou.services.gateway.dialects.openai_chat.shapes import Usage as ChatUsage
from tulou.services.gateway.dialects.openai_responses.shapes import Usage as ResponsesUsage
from tulou.services.gateway.dialects.tests.canned import stream, whole
from tulou.services.gateway.dialects.tests.eventstream import event

IMPOSSIBLE = ["-1", "-1000000", "1e30", "1e400", "2147483648", "1.5", "true", '"12"', "[]", "{}", "9" * 40]
NUMBERS = re.compile(rb'("\w*(?:[tT]okens|TokenCount)": ?)\d+')
SHAPES = [AnthropicUsage, BedrockUsage, ChatUsage, GeminiUsage, ResponsesUsage]


def counts_of(events: Sequence[Event]) -> list[Used | Miscounted]:
    return [event for event in events if isinstance(event, Used | Miscounted)]


def spoilt(answer: bytes, value: str) -> bytes:
    """Return an answer with every count of tokens as it cannot be."""
    return NUMBERS.sub(lambda found: found[1] + value.encode(), answer)


def spoilt_stream(upstream: str, value: str) -> bytes:
    if upstream != "bedrock":
        return spoilt(stream(upstream, "text"), value)
    usage = b'{"usage": {"inputTokens": %b, "outputTokens": 3}}' % value.encode()
    stop = event("messageStop", b'{"stopReason": "end_turn"}')
    return event("messageStart", b'{"role": "assistant"}') + stop + event("metadata", usage)


@pytest.mark.parametrize("value", IMPOSSIBLE)
@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_counts_that_cannot_be_are_told_as_such_and_the_answer_is_read(upstream: str, value: str) -> None:
    dialect = {**UPSTREAMS}[upstream]  # pyright: ignore[reportArgumentType] - a name of the table
    reader = dialect.reader()
    streamed = [*reader.feed(spoilt_stream(upstream, value)), *reader.end()]
    read = dialect.read_answer(spoilt(whole(upstream, "text"), value))

    for events in (read, streamed):
        assert isinstance(counts_of(events)[-1], Miscounted)
    assert len(read) > 3


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_whole_numbers_may_be_written_as_floats(upstream: str) -> None:
    dialect = {**UPSTREAMS}[upstream]  # pyright: ignore[reportArgumentType] - a name of the table
    answer = whole(upstream, "text")
    floats = NUMBERS.sub(lambda found: found[0] + b".0", answer)

    assert counts_of(dialect.read_answer(floats)) == counts_of(dialect.read_answer(answer))


def test_reasoning_that_is_counted_beside_the_completion_is_part_of_the_output() -> None:
    beside = {"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 135}
    within = {"prompt_tokens": 32, "completion_tokens": 103, "total_tokens": 135}
    details = {"completion_tokens_details": {"reasoning_tokens": 94}}
    for usage in (beside, within):
        read = counted(msgspec.Raw(json.dumps(usage | details).encode()))
        assert read == Used(input=32, output=103, reasoning=94)


def test_a_part_is_never_more_than_the_whole() -> None:
    used = Used(input=10, output=5, cached=COUNT_MAX, cache_written=11, audio_input=99, reasoning=6, audio_output=7)

    assert bounded(used) == Used(
        input=10, output=5, cached=10, cache_written=10, audio_input=10, reasoning=5, audio_output=5
    )
    assert isinstance(bounded(Used(input=COUNT_MAX + 1)), Miscounted)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_whatever_counts_hold_they_are_in_bounds_or_none(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(SHAPES))
    names = [field.encode_name for field in msgspec.structs.fields(shape)]
    value = data.draw(ANY_JSON | st.dictionaries(st.sampled_from(names), ANY_JSON))
    counts = CountReader(shape).read(msgspec.Raw(json.dumps(value).encode()))

    if isinstance(counts, msgspec.Struct) and not isinstance(counts, Miscounted):
        numbers = [getattr(counts, name) for name in counts.__struct_fields__]
        assert all(0 <= number <= COUNT_MAX for number in numbers if isinstance(number, int))


WRITTEN = pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"choices": [{"usage": {"prompt_tokens": 7, "completion_tokens": 3}}]}, (7, 3, 0)),
        ({"choices": [], "x_groq": {"id": "r", "usage": {"prompt_tokens": 7, "completion_tokens": 3}}}, (7, 3, 0)),
        ({"choices": [], "usage": {"input_tokens": 7, "output_tokens": 3}}, (7, 3, 0)),
        ({"choices": [], "usage": {"prompt_tokens": 7, "total_tokens": 10}}, (7, 3, 0)),
        ({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3, "cached_tokens": 5}}, (7, 3, 5)),
        ({"choices": [{"usage": {"prompt_tokens": 7}}], "usage": {"prompt_tokens": 9}}, (9, 0, 0)),
    ],
)
"""Where and under which names vendors of the dialect of OpenAI write their counts."""


@WRITTEN
def test_counts_are_found_where_vendors_of_the_dialect_write_them(
    answer: dict[str, object], expected: tuple[int, int, int]
) -> None:
    body = json.dumps({"id": "c", **answer}).encode()
    read = counts_of(UPSTREAMS["openai"].reader().feed(b"data: " + body + b"\n\n"))

    assert [(one.input, one.output, one.cached) for one in read if isinstance(one, Used)] == [expected]


def test_words_that_gemini_does_not_count_are_what_its_total_leaves() -> None:
    said = {"candidates": [{"content": {"parts": [{"text": "hi"}]}, "finishReason": "STOP"}]}
    counts = {"promptTokenCount": 9, "thoughtsTokenCount": 4, "totalTokenCount": 20}

    (read,) = counts_of(UPSTREAMS["gemini"].read_answer(json.dumps(said | {"usageMetadata": counts}).encode()))

    assert read == Used(input=9, output=11, reasoning=4)


def test_what_a_message_counts_before_its_first_word_is_no_count_of_its_words() -> None:
    begins = {"type": "message_start", "message": {"usage": {"input_tokens": 9, "output_tokens": 1}}}
    ends = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    counted_late = ends | {"usage": {"input_tokens": 0, "output_tokens": 12}}

    for last, expected in ((ends, Used(input=9)), (counted_late, Used(input=9, output=12))):
        frames = b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in (begins, last))
        assert counts_of(UPSTREAMS["anthropic"].reader().feed(frames))[-1] == expected
