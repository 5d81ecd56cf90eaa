"""A client that says no cap gets the one that was set aside for it, so that budgets hold."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import Send

from tulou.contracts.discovery.entry import RequestDefaults
from tulou.contracts.discovery.messages import Replica, UpstreamDialect
from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.messages import Price, PriceList
from tulou.contracts.routing.messages import Endpoint, RetryPolicy, Route, TrafficShare
from tulou.services.gateway.tests.gate import RunningGate, gate, snapshot, target
from tulou.services.gateway.tests.upstream import Seen, Upstream, answer, reply, upstream

ENDPOINTS: tuple[Endpoint, ...] = ("chat", "completions", "responses", "messages")
MODELS: dict[UpstreamDialect, str] = {"anthropic": "claude-sonnet-4-5", "bedrock": "anthropic.claude-sonnet-4-5-v1:0"}
MOST = 64_000
"""What the model can write."""
TOKENS = Limit(name="tokens", scope="key", measure="output_tokens", amount=1_000_000, period="day")
BUDGET = Limit(name="budget", scope="key", measure="cost", amount=1.0, period="day")
PRICES = PriceList(items=(Price(model="*claude*", provider="*", input=3.0, output=15.0),), version=1)
THINKING = {"reasoning_effort": "high"}
CLAUDE_SAYS = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude",
    "content": [{"type": "text", "text": "hello"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 5, "output_tokens": 3},
}
BEDROCK_SAYS = {
    "output": {"message": {"role": "assistant", "content": [{"text": "hello"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 5, "outputTokens": 3, "totalTokens": 8},
}


async def act(seen: Seen, send: Send) -> None:
    """Answer as the vendor whose path it is."""
    if seen.path.endswith("/messages"):
        await reply(send, 200, CLAUDE_SAYS)
    elif "/converse" in seen.path or "/model/" in seen.path:
        await reply(send, 200, BEDROCK_SAYS)
    else:
        await answer(seen, send)


def cap_of(seen: Seen) -> int | None:
    """Return the cap that a vendor was told, None where it was told none."""
    body = seen.json
    return body.get("max_tokens") or body.get("inferenceConfig", {}).get("maxTokens")


def vendor(one: Upstream, dialect: UpstreamDialect, **changes: Any) -> Replica:
    return one.replica(dialect=dialect, provider=dialect, upstream_model=MODELS.get(dialect, "m"), **changes)


@asynccontextmanager
async def limited(
    directory: Path, *replicas: Replica, limit: Limit, left: int, routes: tuple[Route, ...] = ()
) -> AsyncGenerator[RunningGate]:
    """Run a gate whose key has a limit."""
    targets = [target(one, deployment=one.deployment, endpoints=ENDPOINTS) for one in replicas]
    told = replace(snapshot(*targets, routes=routes), limits=(limit,), prices=PRICES)
    async with gate(directory, told) as running:
        running.allowances.left[limit.name] = left
        yield running


async def ask(running: RunningGate, **asked: Any) -> httpx2.Response:
    got = await running.chat(**asked)
    assert got.status_code == 200, got.text
    return got


@pytest.mark.parametrize("dialect", MODELS)
async def test_where_a_limit_has_room_for_it_the_model_may_write_all_it_can(
    tmp_path: Path, dialect: UpstreamDialect
) -> None:
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, dialect), limit=TOKENS, left=1_000_000) as running:
            await ask(running)
        assert cap_of(one.seen[0]) == MOST


@pytest.mark.parametrize("asked", [{}, THINKING])
@pytest.mark.parametrize("dialect", MODELS)
async def test_no_vendor_is_told_a_higher_cap_than_was_set_aside(
    tmp_path: Path, dialect: UpstreamDialect, asked: dict[str, Any]
) -> None:
    limit = replace(TOKENS, amount=10_000)
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, dialect), limit=limit, left=10_000) as running:
            await ask(running, **asked)
        assert cap_of(one.seen[0]) == 2_500


@pytest.mark.parametrize("left", [200_000, 60_000, 20_000, 1_500, 1_024])
@pytest.mark.parametrize("dialect", MODELS)
async def test_what_is_left_of_a_limit_is_given_to_a_shorter_answer(
    tmp_path: Path, dialect: UpstreamDialect, left: int
) -> None:
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, dialect), limit=TOKENS, left=left) as running:
            await ask(running)
        assert cap_of(one.seen[0]) == min(left, MOST)


@pytest.mark.parametrize("limit", [TOKENS, replace(TOKENS, measure="tokens"), BUDGET], ids=lambda it: it.measure)
async def test_no_more_is_told_than_what_is_left_pays_for(tmp_path: Path, limit: Limit) -> None:
    left, each = (100_000, 15) if limit is BUDGET else (20_000, 1)
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, "anthropic"), limit=limit, left=left) as running:
            await ask(running)
        told = cap_of(one.seen[0])
    assert told is not None
    assert left * 0.99 < told * each <= left


async def test_where_less_is_left_than_a_useful_answer_the_request_is_refused(tmp_path: Path) -> None:
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, "anthropic"), limit=TOKENS, left=1_000) as running:
            got = await running.chat()
        assert got.status_code == 429
        assert "has 1000 output tokens left" in got.json()["error"]["message"]
        assert not one.seen


@pytest.mark.parametrize("dialect", MODELS)
async def test_a_budget_in_money_pays_for_the_cap_that_is_told(tmp_path: Path, dialect: UpstreamDialect) -> None:
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, dialect), limit=BUDGET, left=1_000_000) as running:
            await ask(running)
        told = cap_of(one.seen[0])
    assert told is not None
    assert 16_000 < told < 1_000_000 / 4 / 15


async def test_answers_that_run_at_once_do_not_pass_a_limit_together(tmp_path: Path) -> None:
    limit = replace(TOKENS, amount=10_000)
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, "anthropic"), limit=limit, left=2_600) as running:
            first, second = await ask(running), await running.chat(max_tokens=2_000)
            assert (first.status_code, second.status_code) == (200, 200)
        assert [cap_of(seen) for seen in one.seen] == [2_500, 2_000]


INPUTS = replace(TOKENS, measure="input_tokens")
REQUESTS = replace(TOKENS, measure="requests")
SOFT = replace(TOKENS, edge="soft")
FIRST: dict[str, tuple[UpstreamDialect, RequestDefaults]] = {
    "own": ("openai", RequestDefaults()),
    "capped": ("openai", RequestDefaults(max_tokens=8_000)),
    "claude": ("anthropic", RequestDefaults()),
}


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize(
    ("first", "limit", "left", "cap"),
    [
        ("own", TOKENS, 1_000_000, 1_024),
        ("own", TOKENS, 1_500, 1_024),
        ("own", BUDGET, 1_000_000, 1_024),
        ("own", replace(TOKENS, amount=2_000), 2_000, 500),
        ("own", INPUTS, 1_000_000, MOST),
        ("own", REQUESTS, 10, MOST),
        ("own", SOFT, 1_000_000, MOST),
        ("capped", TOKENS, 1_000_000, 8_000),
        ("claude", TOKENS, 1_000_000, MOST),
        ("claude", TOKENS, 1_500, 1_500),
    ],
)
async def test_a_fallback_is_told_no_more_than_was_set_aside_for_the_model_itself(
    tmp_path: Path, dialect: UpstreamDialect, first: str, limit: Limit, left: int, cap: int
) -> None:
    async def fail(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, 503, {})

    async with upstream("one", fail) as one, upstream("two", act) as two:
        route = Route(
            model="tiny", shares=(TrafficShare(deployment="own"),), fallbacks=("spare",), retry=RetryPolicy(attempts=1)
        )
        speaks, defaults = FIRST[first]
        replicas = vendor(one, speaks, deployment="own", defaults=defaults), vendor(two, dialect, deployment="spare")
        async with limited(tmp_path, *replicas, limit=limit, left=left, routes=(route,)) as running:
            await ask(running)
        assert (cap_of(two.seen[0]) or MOST) == cap


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
async def test_a_deployments_default_cap_is_set_aside_and_held_to(tmp_path: Path, dialect: UpstreamDialect) -> None:
    defaults = RequestDefaults(max_tokens=8_000)
    async with upstream(act=act) as one:
        replica = vendor(one, dialect, defaults=defaults)
        async with limited(tmp_path / "rich", replica, limit=TOKENS, left=1_000_000) as running:
            await ask(running)
        async with limited(tmp_path / "poor", replica, limit=TOKENS, left=1_500) as running:
            await ask(running)
        assert [cap_of(seen) for seen in one.seen] == [8_000, 1_500]


async def test_what_a_client_says_itself_is_told_as_it_is(tmp_path: Path) -> None:
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, "anthropic"), limit=TOKENS, left=1_000_000) as running:
            await ask(running, max_tokens=9)
        assert cap_of(one.seen[0]) == 9


async def test_without_a_limit_of_tokens_or_money_no_cap_is_changed(tmp_path: Path) -> None:
    requests = Limit(name="requests", scope="key", measure="requests", amount=10, period="minute")
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, "anthropic"), limit=requests, left=10) as running:
            await ask(running)
        assert cap_of(one.seen[0]) == MOST


INPUT = 26_000
"""Tokens of a large prompt."""


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize(
    ("limit", "cap"),
    [
        (Limit(name="l", scope="key", measure="tokens", amount=100_000, period="minute"), (100_000 - INPUT) // 4),
        (Limit(name="l", scope="key", measure="input_tokens", amount=100_000, period="minute"), MOST),
        (Limit(name="l", scope="key", measure="output_tokens", amount=100_000, period="minute"), 25_000),
        (Limit(name="l", scope="key", measure="cost", amount=0.3, period="day"), (300_000 - 3 * INPUT) // 4 // 15),
    ],
    ids=lambda it: it.measure if isinstance(it, Limit) else "",
)
async def test_a_large_prompt_leaves_its_answer_a_part_of_the_room_that_is_left(
    tmp_path: Path, dialect: UpstreamDialect, limit: Limit, cap: int
) -> None:
    prompt = [{"role": "user", "content": "abc " * INPUT}]
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, dialect), limit=limit, left=100_000_000) as running:
            await ask(running, messages=prompt)
        told = cap_of(one.seen[0])
    assert told is not None
    assert abs(told - cap) <= cap // 20


async def test_a_prompt_larger_than_a_limit_by_its_estimate_gets_a_short_answer(tmp_path: Path) -> None:
    limit = replace(TOKENS, measure="tokens", amount=1_000)
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, "anthropic"), limit=limit, left=1_000) as running:
            await ask(running, messages=[{"role": "user", "content": " " * 8_000}])
        assert cap_of(one.seen[0]) == 16


async def test_a_limit_smaller_than_any_useful_answer_is_not_passed(tmp_path: Path) -> None:
    async with upstream(act=act) as one:
        async with limited(tmp_path, vendor(one, "anthropic"), limit=replace(TOKENS, amount=10), left=10) as running:
            await ask(running)
        assert cap_of(one.seen[0]) == 10


@pytest.mark.parametrize(("dialect", "answers"), [("anthropic", 1), ("bedrock", 1), ("openai", 1), ("openai", 8)])
async def test_the_same_cap_is_told_whether_or_not_a_share_is_in_hand(
    tmp_path: Path, dialect: UpstreamDialect, answers: int
) -> None:
    limit = replace(TOKENS, amount=100_000)
    async with upstream(act=act) as one:
        replica = vendor(one, dialect, defaults=RequestDefaults(max_tokens=MOST))
        async with limited(tmp_path, replica, limit=limit, left=100_000) as running:
            for _ in range(3):
                await ask(running, n=answers)
        assert [cap_of(seen) for seen in one.seen] == [25_000 // answers] * 3


@pytest.mark.parametrize(
    ("limit", "defaults", "asked", "who"),
    [
        (replace(TOKENS, amount=2_000), None, {}, "what a limit of the house has for this answer leaves no room"),
        (replace(TOKENS, amount=2_000), 800, {}, "what a limit of the house has for this answer leaves no room"),
        (TOKENS, 800, {}, "the deployment's default max_tokens leaves no room"),
        (None, 800, {}, "the deployment's default max_tokens leaves no room"),
        (TOKENS, 9_000, {"max_tokens": 500}, "(max_tokens leaves no room"),
    ],
)
@pytest.mark.parametrize("dialect", MODELS)
async def test_who_does_not_think_for_want_of_room_is_told_whose_cap_it_was(
    tmp_path: Path, dialect: UpstreamDialect, limit: Limit | None, defaults: int | None, asked: dict[str, Any], who: str
) -> None:
    requests = Limit(name="requests", scope="key", measure="requests", amount=10, period="minute")
    async with upstream(act=act) as one:
        replica = vendor(one, dialect, defaults=RequestDefaults(max_tokens=defaults))
        async with limited(tmp_path, replica, limit=limit or requests, left=1_000_000) as running:
            got = await ask(running, **THINKING, **asked)
        assert "thinking" not in one.seen[0].body.decode()
    assert who in got.headers["x-tulou-dropped"]
