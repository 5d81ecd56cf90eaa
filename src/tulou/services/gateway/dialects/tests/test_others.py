"""Dialects beside conversations: embeddings, reranking, counts, and Bedrock's frames."""

import json
import struct
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types import CreateEmbeddingResponse

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects import errors
from tulou.services.gateway.dialects.bedrock.frames import Frames
from tulou.services.gateway.dialects.catalogue import (
    CLIENTS,
    EMBEDDERS,
    MESSAGES,
    MESSAGES_UPSTREAM,
    RERANK_CLIENTS,
    RERANKERS,
    UPSTREAMS,
)
from tulou.services.gateway.dialects.dialect import Ability, Echo
from tulou.services.gateway.dialects.embeddings.client import read_request, write_answer
from tulou.services.gateway.dialects.tests import canned
from tulou.services.gateway.dialects.tests.asked import body
from tulou.services.gateway.dialects.tests.eventstream import event, message
from tulou.services.gateway.dialects.tests.told import whole

VECTORS = [[0.5, -0.25], [1.0, 0.0]]
EMBEDDED = {
    "openai": {"data": [{"embedding": VECTORS[1], "index": 1}, {"embedding": VECTORS[0], "index": 0}]},
    "gemini": {"embeddings": [{"values": vector} for vector in VECTORS]},
    "bedrock": {"embeddings": {"float": VECTORS}, "response_type": "embeddings_by_type"},
}


@pytest.mark.parametrize("upstream", EMBEDDERS)
@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_texts_become_vectors_at_every_upstream(upstream: str, encoding: str) -> None:
    asked = read_request(
        json.dumps({"model": "e", "input": ["a", "b"], "dimensions": 2, "encoding_format": encoding}).encode()
    )
    embedder = {**EMBEDDERS}[upstream]  # pyright: ignore[reportArgumentType] - a name of the table

    written = embedder.write_request(asked, Ability(model="cohere.embed-v4:0"))
    answer = write_answer(embedder.read_answer(json.dumps(EMBEDDED[upstream]).encode()), asked, tokens=2)

    assert b'"a"' in written.body
    assert written.dropped == ()
    read = CreateEmbeddingResponse.model_validate_json(answer) if encoding == "float" else None
    if read is not None:
        assert [datum.embedding for datum in read.data] == VECTORS
    else:
        assert json.loads(answer)["data"][0]["embedding"] == "AAAAPwAAgL4="


def test_one_text_a_request_and_no_tokens_are_said_where_that_is_so() -> None:
    several = read_request(b'{"model": "e", "input": ["a", "b"]}')
    numbers = read_request(b'{"model": "e", "input": [1, 2]}')
    titan = Ability(model="amazon.titan-embed-text-v2:0")

    with pytest.raises(InvalidError, match="one text"):
        EMBEDDERS["bedrock"].write_request(several, titan)
    with pytest.raises(InvalidError, match="words"):
        EMBEDDERS["gemini"].write_request(numbers, titan)
    assert json.loads(EMBEDDERS["openai"].write_request(numbers, titan).body)["input"] == [1, 2]


@pytest.mark.parametrize("shape", RERANK_CLIENTS)
@pytest.mark.parametrize("upstream", RERANKERS)
def test_documents_are_ordered_in_every_shape(shape: str, upstream: str) -> None:
    client = {**RERANK_CLIENTS}[shape]  # pyright: ignore[reportArgumentType] - a name of the table
    reranker = {**RERANKERS}[upstream]  # pyright: ignore[reportArgumentType] - a name of the table
    asked = client.read_request(
        json.dumps(
            {"model": "r", "query": "q", "documents": ["a", {"text": "b"}], "top_n": 1, "return_documents": True}
        ).encode()
    )

    written = json.loads(reranker.write_request(asked, Ability(model="deep")).body)
    scores = [{"index": 0, "relevance_score": 0.1}, {"index": 1, "relevance_score": 0.9}]
    reranked = reranker.read_answer(json.dumps({"results": scores, "usage": {"total_tokens": 7}}).encode(), asked)
    told = json.loads(client.write_answer(reranked, asked, answer="rr-1"))

    assert written["model"] == "deep"
    assert written["documents"] == ["a", "b"]
    assert [(result["index"], result["relevance_score"]) for result in told["results"]] == [(1, 0.9)]
    if shape == "jina":
        assert told["results"][0]["document"] == {"text": "b"}
        assert told["usage"]["total_tokens"] == 7


def test_tokens_of_a_prompt_are_counted_without_a_cap_on_output() -> None:
    prompt = MESSAGES.read_count(b'{"model": "m", "messages": [{"role": "user", "content": "Hi"}]}')

    written = MESSAGES_UPSTREAM.write_count(prompt, Ability(model="claude-sonnet-4-5"))

    assert json.loads(written.body) == {"model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": "Hi"}]}
    assert json.loads(MESSAGES.write_count(MESSAGES_UPSTREAM.read_count(b'{"input_tokens": 9}'))) == {"input_tokens": 9}


def test_a_prompt_that_gemini_blocks_is_an_answer_that_was_filtered() -> None:
    events = UPSTREAMS["gemini"].read_answer(canned.whole("gemini", "blocked"))
    echo = Echo(id="chatcmpl-1", model="m", created=1, prompt=CLIENTS["chat"].read_request(body("chat", "text")))

    told = whole("chat", CLIENTS["chat"].write_answer(events, echo))

    assert told["choices"][0]["finish_reason"] == "content_filter"


# The two messages that AWS gives as test vectors of its event streams.
EMPTY = bytes.fromhex("000000100000000005c248eb7d98c8ff")
PAYLOAD = bytes.fromhex("0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936")


def test_frames_are_those_of_aws() -> None:
    assert [tuple(told) for told in Frames().feed(EMPTY + PAYLOAD)] == [({}, b""), ({}, b"{'foo':'bar'}")]
    assert message({}, b"{'foo':'bar'}") == PAYLOAD


@given(at=st.integers(0, 200), flip=st.integers(1, 255))
def test_a_damaged_frame_is_noticed(at: int, flip: int) -> None:
    told = bytearray(event("contentBlockStop", b'{"contentBlockIndex":0}'))
    told[at % len(told)] ^= flip
    frames = Frames()

    try:
        read = list(frames.feed(bytes(told)))
    except ValueError:
        return
    # A length that grew is noticed when more comes, or when the stream ends with a piece of a frame.
    assert read == []
    assert frames.torn


def test_a_frame_larger_than_any_is_not_waited_for() -> None:
    head = struct.pack(">II", 1 << 30, 0)
    crc = struct.pack(">I", crc32(head))

    with pytest.raises(ValueError, match="cannot be"):
        list(Frames().feed(head + crc))


@pytest.mark.parametrize(("status", "row"), errors.TABLE.items())
def test_each_status_has_one_meaning_in_all_dialects(status: int, row: errors.ErrorWords) -> None:
    error = errors.words_of(status).error("x")

    assert type(error) is row.error
    for client in CLIENTS.values():
        said = json.loads(client.write_error(status=status, message="x", code="c", param=None, request_id="r"))
        assert said["error"]["type"] in {row.openai, row.anthropic}


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("overloaded_error", 529),
        ("rate_limit_error", 429),
        ("RESOURCE_EXHAUSTED", 429),
        ("throttlingException", 429),
        ("modelStreamErrorException", 502),
        ("invalid_request_error", 400),
        ("insufficient_quota", 402),
        ("nobody_knows", 502),
    ],
)
def test_errors_are_known_by_name_where_streams_have_no_status(name: str, status: int) -> None:
    assert errors.status_of(name) == status


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b'{"error": {"message": "no", "code": 400, "status": "INVALID_ARGUMENT"}}', "no"),
        (b'{"error": "no"}', "no"),
        (b'{"message": "no"}', "no"),
        (b'{"detail": [{"loc": ["body"], "msg": "no"}]}', '[{"loc":["body"],"msg":"no"}]'),
        (b"<html>no</html>", "<html>no</html>"),
        (b"", "the upstream refused the request with 400"),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_refusals_are_read_in_every_shape(said: bytes, message: str) -> None:
    for upstream in UPSTREAMS.values():
        assert upstream.read_error(400, said)[0] == message
