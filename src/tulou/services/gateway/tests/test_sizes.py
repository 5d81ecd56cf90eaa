"""The gate over real sockets: what cannot fit into a model's context is refused before an engine reads it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tulou.contracts.routing.messages import Endpoint, Snapshot
from tulou.services.gateway.stack.backend import TURNS
from tulou.services.gateway.tests.gate import AUTH, gate, snapshot, target
from tulou.services.gateway.tests.upstream import Upstream, upstream

ENDPOINTS: tuple[Endpoint, ...] = ("chat", "completions", "messages", "responses", "count_tokens", "tokenize")
CONTEXT, LONGEST = 1000, 16


def told_of(one: Upstream, *, context: int = CONTEXT, **changes: Any) -> Snapshot:
    made = target(one.replica(longest_token=LONGEST, **changes), endpoints=ENDPOINTS)
    return snapshot(replace(made, context_length=context))


def turns(count: int, text: str = "hi") -> list[dict[str, str]]:
    return [{"role": ("user", "assistant")[number % 2], "content": text} for number in range(count)]


def asked(count: int, text: str = "hi") -> dict[str, dict[str, Any]]:
    return {
        "/v1/chat/completions": {"messages": turns(count, text)},
        "/v1/messages": {"messages": turns(count, text), "max_tokens": 9},
        "/v1/responses": {"input": turns(count, text), "store": False},
        "/tokenize": {"messages": turns(count, text)},
    }


@pytest.mark.parametrize("path", asked(0))
async def test_more_messages_than_a_context_can_hold_are_refused_before_an_engine_is_asked(
    tmp_path: Path, path: str
) -> None:
    async with upstream() as one, gate(tmp_path, told_of(one)) as gateway:
        got = await gateway.http.post(path, json={"model": "tiny", **asked(600)[path]}, headers=AUTH)
        assert got.status_code == 400
        assert "600 messages are more than 'tiny' takes" in got.json()["error"]["message"]
        assert one.seen == []


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/responses"])
async def test_more_text_than_a_context_can_hold_is_refused_before_an_engine_is_asked(
    tmp_path: Path, path: str
) -> None:
    async with upstream() as one, gate(tmp_path, told_of(one)) as gateway:
        body = asked(1, "x" * (CONTEXT * LONGEST + 1))[path]
        got = await gateway.http.post(path, json={"model": "tiny", **body}, headers=AUTH)
        assert got.status_code == 400
        assert "longer than 16000 bytes" in got.json()["error"]["message"]
        assert one.seen == []


async def test_the_error_has_the_code_that_clients_know(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, told_of(one)) as gateway:
        error = (await gateway.chat(messages=turns(600))).json()["error"]
        assert (error["code"], error["type"]) == ("context_length_exceeded", "invalid_request_error")


async def test_however_large_the_context_there_is_a_bound(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, told_of(one, context=1_000_000)) as gateway:
        assert (await gateway.chat(messages=turns(TURNS + 1))).status_code == 400
        assert (await gateway.chat(messages=turns(TURNS))).status_code == 200


async def test_what_may_fit_is_the_engines_to_count(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, told_of(one)) as gateway:
        assert (await gateway.chat(messages=turns(500))).status_code == 200
        escaped = "\u4e2d" * (CONTEXT * LONGEST // 3)
        assert (await gateway.chat(messages=turns(1, escaped))).status_code == 200
        assert len(one.seen[-1].body) > CONTEXT * LONGEST


async def test_a_vendors_context_is_the_vendors_to_know(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, told_of(one, provider="vendor")) as gateway:
        assert (await gateway.chat(messages=turns(600))).status_code == 200


async def test_a_count_of_what_cannot_fit_is_an_estimate_and_asks_no_engine(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, told_of(one)) as gateway:
        body = {"model": "tiny", "messages": turns(600)}
        got = await gateway.http.post("/v1/messages/count_tokens", json=body, headers=AUTH)
        assert (got.status_code, got.headers["x-tulou-counted"]) == (200, "estimate")
        assert got.json()["input_tokens"] > 0
        assert one.seen == []
