"""What clients and upstreams may send that makes no sense: told in the client's words, and never a failure of ours."""

from pathlib import Path
from typing import Any, get_args

import anthropic
import msgspec
import openai
import pytest
from starlette.types import Send

from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.tests.clients import anthropic_client, openai_client
from tulou.services.gateway.tests.gate import AUTH, gate, snapshot, target
from tulou.services.gateway.tests.test_dialects import house
from tulou.services.gateway.tests.upstream import Act, Seen, begin_stream, reply, upstream
from tulou.services.gateway.tests.vendors import SPEECHES

QUESTION: list[Any] = [{"role": "user", "content": "hi"}]
EVERY: tuple[Endpoint, ...] = get_args(Endpoint)
PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages", "responses": "/v1/responses"}
TOO_LONG = {"error": {"message": "too long", "type": "invalid_request_error", "code": "context_length_exceeded"}}
NO_MONEY = {"error": {"message": "no money", "type": "insufficient_quota", "code": "insufficient_quota"}}


def raw(body: bytes, kind: bytes = b"application/json") -> Act:
    async def act(seen: Seen, send: Send) -> None:
        del seen
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": body})

    return act


def says(value: object) -> Act:
    async def act(seen: Seen, send: Send) -> None:
        if not seen.json.get("stream"):
            await reply(send, 200, value)
            return
        await begin_stream(send)
        await send({"type": "http.response.body", "body": b"data: " + msgspec.json.encode(value) + b"\n\n"})

    return act


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("depth", [950, 5000])
async def test_a_body_that_is_nested_too_deeply_is_refused(tmp_path: Path, path: str, depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    body = b'{"model":"tiny","max_tokens":9,"messages":[],"input":"x","metadata":{"a":%b}}' % nested
    async with house(tmp_path, SPEECHES["gemini"]) as (running, _):
        got = await running.http.post(path, content=body, headers=AUTH)

        assert got.status_code in {200, 400}, "the depth that is too much is Python's to say"
        assert got.status_code == 400 or depth < 1000


TEXTS: dict[str, bytes] = {
    "/v1/chat/completions": b'"messages": [], "metadata": {"a": "\xff"}',
    "/v1/completions": b'"prompt": "x", "user": "\xff"',
    "/v1/responses": b'"input": "x", "metadata": {"a": "\xc3"}',
    "/v1/messages": b'"max_tokens": 1, "messages": [{"role": "user", "content": "\xed\xa0\x80"}]',
    "/v1/messages/count_tokens": b'"messages": [], "system": [{"type": "text", "text": "\xff"}]',
    "/v1/embeddings": b'"input": "x", "anything": "\xff"',
    "/v1/rerank": b'"query": "q", "documents": [{"text": "\xff"}]',
    "/v1/moderations": b'"input": [{"type": "text", "text": "\xff"}]',
    "/tokenize": b'"messages": [{"content": "\xff"}]',
    "/detokenize": b'"tokens": [1], "\xff": 2',
}


@pytest.mark.parametrize("path", TEXTS)
async def test_bytes_that_are_no_text_are_the_clients_mistake_wherever_they_stand(tmp_path: Path, path: str) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica(), endpoints=EVERY))) as gateway:
        got = await gateway.http.post(path, content=b'{"model": "tiny", %b}' % TEXTS[path], headers=AUTH)

        assert got.status_code == 400
        assert "utf-8" in got.text.lower()
        assert one.seen == []


@pytest.mark.parametrize("number", [10**9, 10**30, 129, 0, -1])
async def test_more_answers_than_can_be_are_refused_before_anything_is_made_of_them(
    tmp_path: Path, number: int
) -> None:
    async with house(tmp_path, SPEECHES["gemini"]) as (running, one):
        asked = {"model": "tiny", "messages": QUESTION, "n": number, "stream": True}
        got = await running.http.post(PATHS["chat"], json=asked, headers=AUTH)

        assert (got.status_code, got.json()["error"]["param"]) == (400, "n")
        assert one.seen == []


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"", b"[]", b'"hello"'])
async def test_an_answer_that_is_no_json_object_is_not_passed_on(tmp_path: Path, body: bytes) -> None:
    async with upstream("r1", raw(body)) as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        got = await gateway.chat()

        assert (got.status_code, got.json()["error"]["code"]) == (502, "upstream_failed")


@pytest.mark.parametrize("stream", [False, True])
async def test_an_error_in_an_answer_that_seems_good_is_an_error(tmp_path: Path, *, stream: bool) -> None:
    async with upstream("r1", says(TOO_LONG)) as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        async with openai_client(gateway.url) as client:
            with pytest.raises(openai.BadRequestError, match="too long") as caught:
                await client.chat.completions.create(model="tiny", messages=QUESTION, stream=stream)

        assert caught.value.code == "context_length_exceeded"
        assert len(one.seen) == 1, "another try would bring it again"


@pytest.mark.parametrize("stream", [False, True])
async def test_what_an_upstream_says_of_our_own_account_there_is_not_the_clients_fault(
    tmp_path: Path, *, stream: bool
) -> None:
    async with upstream("r1", says(NO_MONEY)) as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        got = await gateway.chat(stream=stream)
        assert (got.status_code, got.json()["error"]["code"]) == (502, "upstream_failed")
        assert "no money" in got.json()["error"]["message"]


async def test_an_error_in_a_message_that_seems_good_is_an_error(tmp_path: Path) -> None:
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": "no, not this"}}
    speech = SPEECHES["anthropic"]
    async with house(tmp_path, speech, says(error)) as (running, _), anthropic_client(running.url) as client:
        with pytest.raises(anthropic.BadRequestError, match="no, not this"):
            await client.messages.create(model="tiny", max_tokens=9, messages=QUESTION)


ODD = {"type": "message", "content": [{"type": "output_text", "text": "x", "annotations": [None]}]}
ODD_ANSWERS = {
    False: {"object": "response", "id": "r", "model": "m", "status": "completed", "output": [ODD]},
    True: {"type": "response.output_item.done", "output_index": 0, "item": ODD},
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [PATHS["chat"], PATHS["messages"]])
async def test_an_answer_that_no_client_can_be_told_is_the_upstreams_failure(
    tmp_path: Path, path: str, *, stream: bool
) -> None:
    asked = {"model": "tiny", "messages": QUESTION, "max_tokens": 9, "stream": stream}
    async with house(tmp_path, SPEECHES["responses"], says(ODD_ANSWERS[stream])) as (running, _):
        got = await running.http.post(path, json=asked, headers=AUTH)

        assert got.status_code == 502
