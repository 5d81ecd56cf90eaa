"""Streams are read the same however the network cuts them, and say so when they end too early."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Echo, UpstreamDialect
from tulou.services.gateway.dialects.events import (
    CallPiece,
    CallStarted,
    Event,
    Failed,
    Finished,
    PartEnded,
    Started,
    TextPiece,
    ThoughtPiece,
    Used,
)
from tulou.services.gateway.dialects.folding import Folded, fold
from tulou.services.gateway.dialects.prompt import Prompt
from tulou.services.gateway.dialects.sse import FRAME_BYTES, Sse
from tulou.services.gateway.dialects.tests import canned

KEPT = canned.scenarios()


def upstream_of(name: str) -> UpstreamDialect:
    upstreams: dict[str, UpstreamDialect] = {**UPSTREAMS}
    return upstreams[name]


def read(name: str, pieces: list[bytes]) -> list[Event]:
    reader = upstream_of(name).reader()
    events = [event for piece in pieces for event in reader.feed(piece)]
    return [*events, *reader.end()]


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % len(stream) for place in places})
    return [stream[start:end] for start, end in zip([0, *ends], [*ends, len(stream)], strict=True)]


@settings(max_examples=25)
@given(kept=st.sampled_from(KEPT), places=st.lists(st.integers(0, 1 << 20), max_size=40))
def test_any_cut_of_a_stream_gives_the_same_events(kept: tuple[str, str], places: list[int]) -> None:
    name, scenario = kept
    stream = canned.stream(name, scenario)

    assert read(name, cut(stream, places)) == read(name, [stream])


@pytest.mark.parametrize("kept", KEPT)
def test_a_stream_may_come_byte_by_byte_and_with_carriage_returns(kept: tuple[str, str]) -> None:
    name, scenario = kept
    stream = canned.stream(name, scenario)
    told = stream if name == "bedrock" else stream.replace(b"\n", b"\r\n")

    assert read(name, [told[at : at + 1] for at in range(len(told))]) == read(name, [stream])


@pytest.mark.parametrize("kept", KEPT)
def test_a_stream_that_ends_too_early_has_failed(kept: tuple[str, str]) -> None:
    name, scenario = kept
    stream = canned.stream(name, scenario)

    events = read(name, [stream[: len(stream) // 3]])

    assert isinstance(events[-1], Failed)
    assert events[-1].code == "stream_ended"


@pytest.mark.parametrize("kept", KEPT)
def test_places_begin_and_end_one_after_another(kept: tuple[str, str]) -> None:
    open_places: list[int] = []
    begun: list[int] = []
    for event in read(kept[0], [canned.stream(*kept)]):
        match event:
            case PartEnded():
                assert open_places == [event.place]
                open_places.clear()
            case TextPiece() | ThoughtPiece() | CallStarted() | CallPiece():
                if event.place not in open_places:
                    assert not open_places
                    assert event.place not in begun
                    open_places.append(event.place)
                    begun.append(event.place)
            case _:
                pass
    assert not open_places


def events_of(parts: list[tuple[str, list[str]]]) -> list[Event]:
    events: list[Event] = [Started(id="a", model="m", created=1)]
    for place, (kind, pieces) in enumerate(parts):
        if kind == "call":
            events.append(CallStarted(id=f"call_{place}", name="f", place=place))
            arguments = '{"a":"' + "".join(pieces).encode("ascii", "ignore").decode().replace("\\", "") + '"}'
            cleaned = "".join(letter for letter in arguments if letter == '"' or letter.isalnum() or letter in "{}:")
            events.extend(CallPiece(arguments=part, place=place) for part in (cleaned[:3], cleaned[3:]))
        elif kind == "thought":
            events.extend(ThoughtPiece(text=piece, place=place) for piece in pieces)
            events.append(ThoughtPiece(signature="anthropic:c2ln", place=place))
        else:
            events.extend(TextPiece(text=piece, place=place) for piece in pieces)
        events.append(PartEnded(place=place))
    called = any(kind == "call" for kind, _ in parts)
    return [*events, Finished(reason="tool_calls" if called else "stop"), Used(input=9, output=3, cached=4)]


WORDS = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=3)
# The order in which dialects that keep thoughts, words and calls apart write them.
ANSWERS = st.tuples(
    st.lists(st.tuples(st.just("thought"), WORDS), max_size=1),
    st.lists(st.tuples(st.just("text"), WORDS), max_size=1),
    st.lists(
        st.tuples(st.just("call"), st.lists(st.from_regex(r"[a-z0-9]{1,4}", fullmatch=True), min_size=1)), max_size=2
    ),
).map(lambda parts: [*parts[0], *parts[1], *parts[2]])


def seen(folded: Folded) -> list[object]:
    parts = [(part.kind, part.text, part.name, part.signature) for part in folded.choice().parts]
    return [*parts, folded.choice().reason, folded.used]


@pytest.mark.parametrize(
    ("client", "upstream"), [("chat", "openai"), ("responses", "responses"), ("messages", "anthropic")]
)
@settings(max_examples=25)
@given(parts=ANSWERS.filter(bool))
def test_what_is_written_is_read_again_whole_and_as_a_stream(
    client: str, upstream: str, parts: list[tuple[str, list[str]]]
) -> None:
    events = events_of(parts)
    writing = {**CLIENTS}[client]  # pyright: ignore[reportArgumentType] - a name of the table
    echo = Echo(id="x_1", model="m", created=1, prompt=Prompt(model="m", turns=(), usage_in_stream=True))
    writer = writing.writer(echo)

    stream = b"".join(writer.write([event]) for event in events) + writer.end()
    whole = upstream_of(upstream).read_answer(writing.write_answer(events, echo))

    assert seen(fold(read(upstream, [stream]))) == seen(fold(events))
    assert seen(fold(whole)) == seen(fold(events))


def test_calls_whose_pieces_are_mixed_come_one_after_another() -> None:
    stream = canned.stream("openai", "mixed")

    events = read("openai", [stream])

    told = [(event.place, event.arguments) for event in events if isinstance(event, CallPiece)]
    assert told == [(0, '{"a":'), (0, "1}"), (1, '{"b":'), (1, "2}")]


def test_an_event_without_end_is_not_kept_forever() -> None:
    reader = Sse()

    list(reader.feed(b"x" * FRAME_BYTES))

    with pytest.raises(ValueError, match="larger than"):
        reader.feed(b"x")


@pytest.mark.parametrize("name", ["openai", "responses"])
def test_the_mark_behind_the_last_event_of_a_stream_is_no_whole_answer(name: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|object"):
        upstream_of(name).read_answer(b"[DONE]")
