"""Whatever a vendor sends is an answer, or an error that the gate knows how to tell: nothing else comes of it."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tulou.kernel.errors import TulouError
from tulou.kernel.numbers import COUNT_MAX
from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Echo
from tulou.services.gateway.dialects.embeddings.client import read_request, write_answer
from tulou.services.gateway.dialects.embeddings.openai import OpenAiEmbeddings
from tulou.services.gateway.dialects.embeddings.vectors import check_vectors
from tulou.services.gateway.dialects.events import Event, Used
from tulou.services.gateway.dialects.prompt import Prompt, TextPart, Turn
from tulou.services.gateway.dialects.rerank.answer_reader import read_answer
from tulou.services.gateway.dialects.tests.canned import scenarios
from tulou.services.gateway.dialects.tests.mutations import wrong_stream, wrong_whole
from tulou.testing.mutations import mutated

TOLD = (ValueError, RecursionError, TulouError)
"""What the ways make a failed attempt of."""
PROMPT = Prompt(model="m", turns=(Turn(role="user", parts=(TextPart(text="hi"),)),), usage_in_stream=True)
ECHO = Echo(id="x_1", model="m", created=1, prompt=PROMPT)
EXAMPLES = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def check(events: Sequence[Event]) -> None:
    for event in events:
        if isinstance(event, Used):
            counts = [getattr(event, name) for name in event.__struct_fields__]
            assert all(0 <= count <= COUNT_MAX for count in counts)
            assert max(event.cached, event.cache_written, event.audio_input) <= event.input
            assert max(event.reasoning, event.audio_output) <= event.output


@pytest.mark.parametrize(("upstream", "scenario"), scenarios())
@EXAMPLES
@given(data=st.data())
def test_a_whole_answer_with_something_wrong_in_it_is_told_or_refused(
    upstream: str, scenario: str, data: st.DataObject
) -> None:
    body = data.draw(wrong_whole(upstream, scenario))
    dialect = {**UPSTREAMS}[upstream]  # pyright: ignore[reportArgumentType] - a name of the table
    try:
        events = dialect.read_answer(body)
    except TOLD:
        return
    check(events)
    for client in CLIENTS.values():
        try:
            msgspec.json.decode(client.write_answer(events, ECHO))
        except TOLD:
            continue


@pytest.mark.parametrize(("upstream", "scenario"), scenarios())
@EXAMPLES
@given(data=st.data())
def test_a_stream_with_something_wrong_in_it_is_told_or_breaks(
    upstream: str, scenario: str, data: st.DataObject
) -> None:
    pieces = data.draw(wrong_stream(upstream, scenario))
    dialect = {**UPSTREAMS}[upstream]  # pyright: ignore[reportArgumentType] - a name of the table
    reader = dialect.reader()
    writers = [client.writer(ECHO) for client in CLIENTS.values()]
    for piece in [*pieces, b""]:
        try:
            events = reader.feed(piece) if piece else reader.end()
        except TOLD:
            return
        check(events)
        for writer in tuple(writers):
            try:
                writer.write(events)
            except TOLD:
                writers.remove(writer)


VECTORS: dict[str, object] = {
    "data": [{"embedding": [0.5, 1.0], "index": 0}, {"embedding": [1.0, 0.0], "index": 1}],
    "usage": {},
}
RANKED: dict[str, object] = {
    "results": [{"index": 0, "relevance_score": 0.5}, {"index": 1, "relevance_score": 0.1}],
    "usage": {},
}


@EXAMPLES
@given(body=mutated(VECTORS), encoding=st.sampled_from(["float", "base64"]))
def test_vectors_with_something_wrong_in_them_are_as_many_as_asked_for_or_refused(body: object, encoding: str) -> None:
    asked = read_request(msgspec.json.encode({"model": "m", "input": ["a", "b"], "encoding_format": encoding}))
    try:
        embedded = OpenAiEmbeddings().read_answer(msgspec.json.encode(body))
        check_vectors(embedded.vectors, count=asked.count)
    except (*TOLD, OverflowError):
        return
    told = msgspec.json.decode(write_answer(embedded, asked, tokens=1))
    assert [one["index"] for one in told["data"]] == [0, 1]


@EXAMPLES
@given(body=mutated(RANKED))
def test_a_ranking_with_something_wrong_in_it_names_documents_that_there_are_or_is_refused(body: object) -> None:
    try:
        ranked = read_answer(msgspec.json.encode(body), documents=2)
    except (*TOLD, OverflowError):
        return
    assert {one.index for one in ranked.results} <= {0, 1}
    assert ranked.tokens >= 0


@pytest.mark.parametrize(
    "vectors",
    [
        [[0.5]],
        [[0.5], [0.5], [0.5]],
        [[0.5], [0.5, 1.0]],
        [[], []],
        [[1e300], [0.5]],
        ["no base64!", "AAAAPw=="],
        ["AAAA", "AAAA"],
        ["AADAfw==", "AAAAPw=="],
    ],
)
def test_vectors_that_cannot_be_are_refused(vectors: list[list[float] | str]) -> None:
    with pytest.raises(ValueError, match="vector"):
        check_vectors(vectors, count=2)


@pytest.mark.parametrize("indices", [(0, 0), (0, 2), (-1, 0), (1, 2)])
def test_vectors_and_rankings_whose_places_cannot_be_are_refused(indices: tuple[int, int]) -> None:
    data = [{"embedding": [0.5], "index": index} for index in indices]
    with pytest.raises(ValueError, match="each once"):
        OpenAiEmbeddings().read_answer(msgspec.json.encode({"data": data}))
    results = [{"index": index, "relevance_score": 0.5} for index in indices]
    with pytest.raises(ValueError, match="each once"):
        read_answer(msgspec.json.encode({"results": results}), documents=2)
