"""A budget stops at its amount, whichever way leads to what answers."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import Send

from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.messages import PriceList
from tulou.contracts.routing.messages import Endpoint, RetryPolicy, Route, Snapshot, TrafficShare
from tulou.services.gateway.tests.gate import AUTH, TOKEN, RunningGate, gate, snapshot, target
from tulou.services.gateway.tests.test_books import on_disk
from tulou.services.gateway.tests.test_failures import hang, status
from tulou.services.gateway.tests.test_prices import CLAUDE, GPT, claude, gpt, shares
from tulou.services.gateway.tests.upstream import Seen, Upstream, answer, reply, upstream

AMOUNT = 1_000
"""Millionths: a few answers for 44 or 66 each."""
BUDGET = Limit(name="budget", scope="key", measure="cost", amount=AMOUNT / 1_000_000, period="day")
EMBEDDED = {"object": "list", "data": [{"embedding": [0.5], "index": 0}], "usage": {"prompt_tokens": 10}}
ENDPOINTS: tuple[Endpoint, ...] = ("chat", "completions", "embeddings", "responses", "messages")
ON_BEHALF = {"authorization": f"Bearer {TOKEN}", "x-tulou-on-behalf-of": "key_1", "x-tulou-priority": "batch"}
TURNS: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
MOST = 80

Ask = Callable[[RunningGate], Awaitable[httpx2.Response]]


async def answer_all(seen: Seen, send: Send) -> None:
    """Answer chats and embeddings."""
    if seen.path.endswith("/embeddings"):
        await reply(send, 200, EMBEDDED)
    else:
        await answer(seen, send)


def asking(path: str, headers: dict[str, str] = AUTH, **body: Any) -> Ask:
    async def ask(running: RunningGate) -> httpx2.Response:
        return await running.http.post(path, json={"model": "assistant", **body}, headers=headers)

    return ask


CHAT = asking("/v1/chat/completions", messages=TURNS, max_tokens=3)
WAYS: dict[str, Ask] = {
    "chat": CHAT,
    "stream": asking("/v1/chat/completions", messages=TURNS, max_tokens=3, stream=True),
    "batch": asking("/v1/chat/completions", ON_BEHALF, messages=TURNS, max_tokens=3),
    "completions": asking("/v1/completions", prompt="hi", max_tokens=3),
    "responses": asking("/v1/responses", input="hi", max_output_tokens=16),
    "messages": asking("/v1/messages", messages=TURNS, max_tokens=3),
    "embeddings": asking("/v1/embeddings", input="hi" * 20),
}


def house(one: Upstream, two: Upstream, *routes: Route) -> Snapshot:
    """Return a house of two priced vendors, whose key has a budget."""
    targets = (
        target(gpt(one), deployment="gpt", endpoints=ENDPOINTS),
        target(claude(two), deployment="claude", endpoints=ENDPOINTS),
        target(gpt(one, "both"), claude(two, "both"), deployment="both", endpoints=ENDPOINTS),
    )
    listed = PriceList(items=(GPT, CLAUDE), version=1, currency="EUR")
    told = replace(snapshot(*targets, routes=routes), prices=listed, limits=(BUDGET,))
    used = {share.deployment for route in routes for share in route.shares}
    fallbacks = {name for route in routes for name in route.fallbacks}
    return replace(told, targets=tuple(one for one in targets if one.deployment in used | fallbacks))


async def spend(folder: Path, told: Snapshot, ask: Ask) -> None:
    """Ask until the budget refuses: what was used comes near to it, and not over it."""
    async with gate(folder, told) as running:
        running.allowances.left["budget"] = AMOUNT
        got = await ask(running)
        for _ in range(MOST):
            if got.status_code == 429:
                break
            assert got.status_code == 200, got.text
            got = await ask(running)
        assert got.status_code == 429
        assert "0.001 EUR" in got.json()["error"]["message"]
        entries = on_disk(running)
    used = sum(entry.cost for entry in entries)
    assert AMOUNT / 2 < used <= AMOUNT
    assert {entry.priced_by for entry in entries if entry.cost} == {"model"}


def split(*names: str, **changes: Any) -> Route:
    return Route(model="assistant", shares=shares(*names), **changes)


@pytest.mark.parametrize("way", WAYS)
async def test_a_budget_stops_at_its_amount_behind_a_split_however_it_is_asked(tmp_path: Path, way: str) -> None:
    async with upstream("one", answer_all) as one, upstream("two", answer_all) as two:
        await spend(tmp_path, house(one, two, split("gpt", "claude")), WAYS[way])
        assert one.seen
        assert two.seen


async def test_a_budget_stops_at_its_amount_behind_an_alias(tmp_path: Path) -> None:
    async with upstream("one") as one, upstream("two") as two:
        await spend(tmp_path, house(one, two, split("gpt")), CHAT)


@pytest.mark.parametrize("fallbacks", [("claude",), ("second",)])
async def test_a_budget_stops_at_its_amount_behind_a_fallback(tmp_path: Path, fallbacks: tuple[str, ...]) -> None:
    async with upstream("one", status(503)) as one, upstream("two") as two:
        order = Route(model="second", shares=(TrafficShare(deployment="claude"),))
        route = split("gpt", fallbacks=fallbacks, retry=RetryPolicy(attempts=1))
        await spend(tmp_path, house(one, two, route, order), CHAT)


async def test_a_budget_stops_at_its_amount_where_two_are_asked_for_each_answer(tmp_path: Path) -> None:
    async with upstream("one", hang) as one, upstream("two") as two:
        route = split("both", balance="round_robin", retry=RetryPolicy(hedge_after_s=0.01, budget=10.0))
        told = house(one, two, route)
        async with gate(tmp_path, told) as running:
            running.allowances.left["budget"] = AMOUNT
            statuses = [(await CHAT(running)).status_code for _ in range(MOST)]
            entries = on_disk(running)
    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert any(not entry.final and entry.cost for entry in entries)
    dearest = 66 + max(entry.cost for entry in entries)
    assert sum(entry.cost for entry in entries) <= AMOUNT + dearest  # an answer that was asked for twice, at most
