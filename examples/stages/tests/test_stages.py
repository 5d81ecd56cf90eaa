"""The example stages, over a stage that answers what a test tells it: a package of stages is tested so."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tulou_example_stages import mask, tag

from tulou.contracts.endpoints import Endpoint
from tulou.contracts.routing.messages import Grant, Route
from tulou.gateway.stage import Answer, Blueprint, Call, Stage, payload, split_events
from tulou.kernel.errors import TulouError, UpstreamError

GRANT = Grant(key="k", digest="00", tenant="t", principal="p", scopes=("inference",))
SECRET = "the SECRET of secretaries is secret."
HIDDEN = "the *** of secretaries is ***."


def call(*, stream: bool) -> Call:
    return Call(endpoint="chat", model="m", body=b"{}", stream=stream, grant=GRANT, request_id="r", started=0.0)


def plan(endpoint: Endpoint = "chat") -> Blueprint:
    return Blueprint(
        site=None,  # pyright: ignore[reportArgumentType] - these stages do not use it
        route=Route(model="m", shares=()),
        endpoint=endpoint,
        pools=(),
    )


class Bringing:
    """The rest of a stream: pieces, of which some may end within an event."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)
        self.ended = self.torn = False

    async def next(self) -> bytes:
        if not self._pieces:
            return b""
        data = self._pieces.pop(0)
        self.torn, self.ended = not data.endswith(b"\n\n"), not self._pieces
        return data

    def broken(self, error: TulouError) -> bytes | None:
        del error

    def close(self) -> None:
        self.ended = True


def over(answer: Answer) -> Stage:
    async def inner(call: Call) -> Answer:
        del call
        return answer

    return inner


def delta(text: str | None, *, finish: str | None = None, index: int = 0) -> bytes:
    said = {} if text is None else {"content": text}
    return b"data: %b\n\n" % msgspec.json.encode(
        {"choices": [{"index": index, "delta": said, "finish_reason": finish}]}
    )


async def streamed(stage: Stage) -> bytes:
    answer = await stage(call(stream=True))
    assert answer.rest is not None
    out = answer.first
    while data := await answer.rest.next():
        out += data
    return out


def text_of(stream: bytes, index: int = 0) -> str:
    told = [msgspec.json.decode(data) for event in split_events(stream) if (data := payload(event)) != b"[DONE]"]
    choices = [choice for one in told for choice in one["choices"] if choice["index"] == index]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mask.WORDS, "secret,hush")


async def test_every_answer_says_which_route_it_was_asked_of() -> None:
    answer = await tag.build(plan(), over(Answer(200, [], b"{}")))(call(stream=False))
    assert answer.headers == [(b"x-example-route", b"m")]


async def test_a_whole_answer_is_masked_and_what_has_no_such_word_is_left_as_it_came() -> None:
    for said, shown in ((SECRET, HIDDEN), ("nothing", "nothing")):
        body = msgspec.json.encode({"choices": [{"message": {"content": said}}, {"message": {"content": None}}]})
        answer = await mask.build(plan(), over(Answer(200, [], body)))(call(stream=False))
        assert msgspec.json.decode(answer.first)["choices"][0]["message"]["content"] == shown
        assert (answer.first == body) == (said == shown)


@pytest.mark.parametrize("body", [b'{"error": {"message": "secret"}}', b"secret", b'{"choices": [7]}', b"[]"])
async def test_what_is_no_chat_stays_as_it_is(body: bytes) -> None:
    answer = await mask.build(plan(), over(Answer(400, [], body)))(call(stream=False))
    assert answer.first == body


@given(st.lists(st.integers(0, len(SECRET)), max_size=9), st.integers(0, 3), st.booleans())
async def test_a_stream_is_masked_wherever_it_is_cut(cuts: list[int], first: int, torn: bool) -> None:  # noqa: FBT001
    places = sorted({0, len(SECRET), *cuts})
    pieces = [delta(SECRET[start:end]) for start, end in pairwise(places)]
    pieces += [delta(None, finish="stop"), b"data: [DONE]\n\n"]
    begun, rest = b"".join(pieces[:first]), pieces[first:]
    parts = [part for piece in rest for part in ((piece[:9], piece[9:]) if torn else (piece,))]
    out = await streamed(mask.build(plan(), over(Answer(200, [], begun, rest=Bringing(*parts)))))
    assert text_of(out) == HIDDEN
    assert out.endswith(b"data: [DONE]\n\n")


async def test_choices_are_masked_each_for_itself() -> None:
    pieces = [delta("sec"), delta("hu", index=1), delta("ret "), delta("sh ", index=1), b"data: [DONE]\n\n"]
    out = await streamed(mask.build(plan(), over(Answer(200, [], b"", rest=Bringing(*pieces)))))
    assert (text_of(out), text_of(out, 1)) == ("*** ", "*** ")


async def test_a_word_that_a_stream_ends_with_is_masked_too() -> None:
    out = await streamed(mask.build(plan(), over(Answer(200, [], delta("a sec"), rest=Bringing(delta("ret"))))))
    assert text_of(out) == "a ***"


async def test_an_event_that_is_too_large_to_be_looked_through_breaks_the_stream() -> None:
    large = b"data: " + b"x" * mask.EVENT_BYTES
    with pytest.raises(UpstreamError, match="too large"):
        await streamed(mask.build(plan(), over(Answer(200, [], b"", rest=Bringing(large, b"\n\n")))))


def test_where_there_is_nothing_to_mask_there_is_no_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = over(Answer(200, [], b"{}"))
    assert mask.build(plan("embeddings"), inner) is inner
    monkeypatch.setenv(mask.WORDS, "")
    assert mask.build(plan(), inner) is inner
