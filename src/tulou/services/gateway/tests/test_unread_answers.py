"""An answer that a vendor has written and that nobody read is charged for, by its size."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import Send

from tulou.contracts.discovery.messages import ReplicaCredential, UpstreamDialect
from tulou.contracts.metering.messages import Entry, Price, PriceList
from tulou.contracts.routing.messages import Deadlines, Endpoint, RetryPolicy, Route, TrafficShare
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.tests.gate import AUTH, RunningGate, gate, snapshot, target
from tulou.services.gateway.tests.test_books import on_disk
from tulou.services.gateway.tests.upstream import Seen, upstream
from tulou.testing.eventually import eventually

SIZE = 400_000
PART = 300_000
"""Bytes of an answer, and of what comes of one before the rest is held back: both more than a small one has."""

LOWEST = 32_768
"""Tokens in what has come, at least, of an answer that is not small."""

JSON = (b"content-type", b"application/json")
STATED = (b"content-length", b"%d" % SIZE)
ACCOUNT: dict[str, Any] = {
    "provider": "vendor",
    "credentials": (ReplicaCredential(id="a", headers=(("authorization", "Bearer x"),)),),
}
PRICES = PriceList(items=(Price(model="*", provider="*", input=2.0, output=10.0),), version=1)
HASTY = Route(model="hasty", shares=(TrafficShare(deployment="hasty"),), deadlines=Deadlines(total_s=0.4))
ENDPOINTS: tuple[Endpoint, ...] = ("chat", "completions", "embeddings", "messages", "rerank")


@dataclass
class Vendor:
    """Writes answers of `SIZE` bytes, stated or not; those of `tiny` stop at `PART` of them, of `torn` break off."""

    stated: bool = True
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def act(self, seen: Seen, send: Send) -> None:
        headers = [JSON, STATED] if self.stated else [JSON]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b" " * PART, "more_body": True})
        if seen.json["model"] == "torn":
            raise ConnectionResetError
        if seen.json["model"] == "tiny":
            self.began.set()
            await asyncio.Event().wait()
        await send({"type": "http.response.body", "body": b" " * (SIZE - PART)})


@asynccontextmanager
async def full(directory: Path, made: Vendor, dialect: UpstreamDialect = "openai") -> AsyncGenerator[RunningGate]:
    """Run a gate whose room for large answers is taken, by an answer that goes on."""
    able = ("chat", "completions", "embeddings", "rerank") if dialect == "openai" else ()
    about: dict[str, Any] = {"dialect": dialect, "capabilities": able, **ACCOUNT}
    async with upstream("v", made.act) as one:
        targets = [
            target(replace(one.replica(name, **about), id=name), deployment=name, endpoints=ENDPOINTS)
            for name in ("tiny", "hasty")
        ]
        told = replace(snapshot(*targets, routes=(HASTY,)), prices=PRICES)
        settings = GatewaySettings(ledger_every_s=0.05, answers_bytes=2 * SIZE)
        async with gate(directory, told, settings=settings) as running:
            taking = asyncio.create_task(running.chat())
            await made.began.wait()
            yield running
            taking.cancel()
            await asyncio.wait([taking])


async def entry_of(running: RunningGate, *, final: bool = True) -> Entry:
    """Return the entry of the call that found no room, once it is written."""

    def found() -> list[Entry]:
        return [each for each in on_disk(running) if each.model == "hasty" and each.final is final]

    await eventually(lambda: bool(found()))
    (entry,) = found()
    return entry


def chat(**changes: Any) -> Callable[[RunningGate], Awaitable[httpx2.Response]]:
    return lambda running: running.chat(model="hasty", **changes)


def ask(path: str, **body: Any) -> Callable[[RunningGate], Awaitable[httpx2.Response]]:
    return lambda running: running.http.post(path, json={"model": "hasty", **body}, headers=AUTH)


TURNS = [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize(
    ("asked", "stated", "output"),
    [
        (chat(), True, SIZE // 4),
        (ask("/v1/completions", prompt="hi"), True, SIZE // 4),
        (ask("/v1/messages", messages=TURNS, max_tokens=1_000_000), True, SIZE // 4),
        (chat(max_tokens=50), True, 50),
        (chat(max_tokens=50, n=3), True, 150),
        (chat(max_completion_tokens=70), False, 70),
        (chat(), False, LOWEST),
        (ask("/v1/embeddings", input="hi"), True, 0),
    ],
)
async def test_an_answer_for_which_there_was_no_room_is_charged_by_its_size(
    tmp_path: Path, asked: Callable[[RunningGate], Awaitable[httpx2.Response]], *, stated: bool, output: int
) -> None:
    async with full(tmp_path, Vendor(stated=stated)) as running:
        got = await asked(running)
        assert got.status_code == 504, got.text
        entry = await entry_of(running)
    assert (entry.counted, entry.units.output) == ("estimate", output)
    assert entry.units.input > 0
    assert entry.cost == 2 * entry.units.input + 10 * output


@pytest.mark.parametrize(
    ("dialect", "asked", "counted", "output"),
    [
        ("anthropic", ask("/v1/messages", messages=TURNS, max_tokens=1_000_000), "estimate", SIZE // 4),
        ("openai", ask("/v1/rerank", query="hi", documents=["a", "b"]), "none", 0),
    ],
)
async def test_large_answers_wait_for_room_on_every_way(
    tmp_path: Path,
    dialect: UpstreamDialect,
    asked: Callable[[RunningGate], Awaitable[httpx2.Response]],
    counted: str,
    output: int,
) -> None:
    async with full(tmp_path, Vendor(), dialect) as running:
        got = await asked(running)
        assert (got.status_code, "large answers of this tenant" in got.text) == (504, True)
        entry = await entry_of(running)
    assert (entry.counted, entry.units.output) == (counted, output)


@pytest.mark.parametrize(("stated", "output"), [(True, SIZE // 4), (False, LOWEST)])
async def test_an_answer_whose_rest_comes_too_late_is_charged_by_its_size(
    tmp_path: Path, *, stated: bool, output: int
) -> None:
    made = Vendor(stated=stated)
    async with upstream("v", made.act) as one:
        told = snapshot(
            target(one.replica(upstream_model="tiny", **ACCOUNT)),
            routes=(replace(HASTY, model="tiny", shares=(TrafficShare(deployment="tiny"),)),),
        )
        async with gate(tmp_path, replace(told, prices=PRICES)) as running:
            assert (await running.chat()).status_code == 504
            lost = [each for each in on_disk(running) if not each.final]
    assert [(each.code, each.counted, each.units.output) for each in lost] == [("total_timeout", "estimate", output)]


async def test_an_answer_that_is_larger_than_any_may_be_is_charged_for_and_not_asked_for_again(tmp_path: Path) -> None:
    made = Vendor()
    async with upstream("v", made.act) as one:
        told = snapshot(target(one.replica(upstream_model="large", **ACCOUNT)))
        settings = GatewaySettings(ledger_every_s=0.05, answer_bytes=SIZE - 1)
        async with gate(tmp_path, replace(told, prices=PRICES), settings=settings) as running:
            assert (await running.chat()).status_code == 502
            lost = [each for each in on_disk(running) if not each.final]
    assert [(each.code, each.counted, each.units.output) for each in lost] == [("bad_answer", "estimate", SIZE // 4)]
    assert len(one.seen) == 1


@pytest.mark.parametrize("retry", [RetryPolicy(attempts=1), RetryPolicy(attempts=1, hedge_after_s=60)])
async def test_an_answer_that_breaks_off_is_charged_by_its_size(tmp_path: Path, retry: RetryPolicy) -> None:
    made = Vendor()
    async with upstream("v", made.act) as one:
        only = Route(model="tiny", shares=(TrafficShare(deployment="tiny"),), retry=retry)
        told = snapshot(target(one.replica(upstream_model="torn", **ACCOUNT)), routes=(only,))
        async with gate(tmp_path, replace(told, prices=PRICES)) as running:
            assert (await running.chat()).status_code == 502
            lost = [each for each in on_disk(running) if not each.final]
    assert [(each.code, each.counted, each.units.output) for each in lost] == [("lost", "estimate", SIZE // 4)]
