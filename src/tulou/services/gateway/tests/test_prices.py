"""What answered is priced, whatever name led to it; names of deployments and routes only where nothing else is."""

from dataclasses import replace
from pathlib import Path

import pytest

from tulou.contracts.discovery.messages import Replica
from tulou.contracts.metering.messages import Entry, Price, PriceList
from tulou.contracts.routing.messages import RetryPolicy, Route, Snapshot, TrafficShare
from tulou.services.gateway.tests.gate import gate, snapshot, target
from tulou.services.gateway.tests.test_books import on_disk
from tulou.services.gateway.tests.test_failures import hang, status
from tulou.services.gateway.tests.upstream import Upstream, upstream

GPT = Price(model="gpt-4o", provider="openai*", input=2.0, output=10.0)
"""44 millionths for the answer of a test's upstream: 7 tokens in, 3 out."""
CLAUDE = Price(model="claude-sonnet-4-5", provider="anthropic", input=3.0, output=15.0)
"""66 for it."""


def gpt(one: Upstream, deployment: str = "gpt") -> Replica:
    return one.replica(deployment, provider="openai", upstream_model="gpt-4o")


def claude(one: Upstream, deployment: str = "claude") -> Replica:
    return one.replica(deployment, provider="anthropic", upstream_model="claude-sonnet-4-5")


def of(told: Snapshot, *prices: Price) -> Snapshot:
    return replace(told, prices=PriceList(items=prices, version=3))


def shares(*names: str) -> tuple[TrafficShare, ...]:
    return tuple(TrafficShare(deployment=name) for name in names)


def found(entry: Entry) -> tuple[str, str, int, str]:
    return entry.served_by, entry.upstream_model, entry.cost, entry.priced_by


async def test_a_price_of_the_vendors_model_holds_for_a_deployment_of_another_name(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, of(snapshot(target(gpt(one, "tiny"))), GPT)) as running:
        assert (await running.chat()).headers["x-tulou-cost"] == "0.000044"
        (entry,) = on_disk(running)
    assert found(entry) == ("tiny", "gpt-4o", 44, "model")
    assert (entry.provider, entry.deployment, entry.price) == ("openai", "tiny", 3)


async def test_a_price_of_the_registrys_model_holds_for_a_deployment_of_another_name(tmp_path: Path) -> None:
    own = Price(model="qwen3", provider="tulou", input=2.0, output=10.0)
    async with upstream() as one, gate(tmp_path, of(snapshot(target(one.replica(model="qwen3"))), own)) as running:
        assert (await running.chat()).headers["x-tulou-cost"] == "0.000044"


@pytest.mark.parametrize(("place", "own"), [("", True), ("https://far.example", False)])
async def test_the_ledger_tells_a_model_of_the_house_from_one_of_another_house(
    tmp_path: Path, place: str, *, own: bool
) -> None:
    async with upstream() as one, gate(tmp_path, of(snapshot(target(one.replica(place=place))))) as running:
        await running.chat()
        (entry,) = on_disk(running)
    assert (entry.provider, entry.own, entry.priced_by) == ("tulou", own, "none")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_split_is_priced_by_which_of_its_deployments_answered(tmp_path: Path, *, stream: bool) -> None:
    async with upstream("one") as one, upstream("two") as two:
        split = Route(model="assistant", shares=shares("gpt", "claude"))
        told = snapshot(target(gpt(one), deployment="gpt"), target(claude(two), deployment="claude"), routes=(split,))
        async with gate(tmp_path, of(told, GPT, CLAUDE)) as running:
            while not (one.seen and two.seen):
                await running.chat(model="assistant", stream=stream)
            entries = on_disk(running)
    assert {found(entry) for entry in entries} == {
        ("assistant", "gpt-4o", 44, "model"),
        ("assistant", "claude-sonnet-4-5", 66, "model"),
    }


async def test_a_fallback_is_priced_by_what_it_is(tmp_path: Path) -> None:
    async with upstream("one", status(503)) as one, upstream("two") as two:
        route = Route(model="tiny", shares=shares("gpt"), fallbacks=("claude",), retry=RetryPolicy(attempts=1))
        told = snapshot(target(gpt(one), deployment="gpt"), target(claude(two), deployment="claude"), routes=(route,))
        async with gate(tmp_path, of(told, GPT, CLAUDE)) as running:
            assert (await running.chat()).headers["x-tulou-cost"] == "0.000066"
            (entry,) = on_disk(running)
    assert (entry.model, *found(entry)) == ("tiny", "claude", "claude-sonnet-4-5", 66, "model")


async def test_each_call_of_a_hedge_is_priced_by_its_own_replica(tmp_path: Path) -> None:
    async with upstream("slow", hang) as slow, upstream("fast") as fast:
        retry = RetryPolicy(hedge_after_s=0.05)
        route = Route(model="tiny", shares=shares("tiny"), balance="round_robin", retry=retry)
        told = of(snapshot(target(gpt(slow, "tiny"), claude(fast, "tiny")), routes=(route,)), GPT, CLAUDE)
        async with gate(tmp_path, told) as running:
            await running.chat()
            lost, won = sorted(on_disk(running), key=lambda entry: entry.final)
    assert found(lost) == ("tiny", "gpt-4o", 2 * lost.units.input, "model")
    assert found(won) == ("tiny", "claude-sonnet-4-5", 66, "model")


@pytest.mark.parametrize(
    ("prices", "cost", "by"),
    [
        (("gpt", "assistant"), 14, "deployment"),
        (("assistant",), 7, "route"),
        (("gpt", "assistant", "gpt-4o"), 21, "model"),
        (("assistant", "gpt-*"), 14, "model"),
        (("other",), 0, "none"),
    ],
)
async def test_a_price_of_a_name_holds_only_where_what_answered_has_none(
    tmp_path: Path, prices: tuple[str, ...], cost: int, by: str
) -> None:
    rates = {"assistant": 1.0, "gpt": 2.0, "gpt-*": 2.0, "gpt-4o": 3.0, "other": 9.0}
    route = Route(model="assistant", shares=shares("gpt"))
    async with upstream() as one:
        told = snapshot(target(gpt(one), deployment="gpt"), routes=(route,))
        told = of(told, *(Price(model=name, input=rates[name]) for name in prices))
        async with gate(tmp_path, told) as running:
            await running.chat(model="assistant")
            (entry,) = on_disk(running)
    assert (entry.cost, entry.priced_by) == (cost, by)
