"""Runs every oddity on one way through a real gate, and says what does not hold."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx2

from tests.integration.vendors.oddities import client
from tests.integration.vendors.oddities.answer import Good
from tests.integration.vendors.oddities.catalogue import fitting_to
from tests.integration.vendors.oddities.oddity import Oddity
from tests.integration.vendors.oddities.vendor import odd_vendor
from tulou.contracts.discovery.messages import Replica, UpstreamDialect
from tulou.contracts.metering.messages import Entry
from tulou.contracts.routing.messages import (
    BreakerPolicy,
    Deadlines,
    Endpoint,
    RetryPolicy,
    Route,
    Snapshot,
    TrafficShare,
)
from tulou.services.gateway.tests.gate import AUTH, RunningGate, gate, snapshot, target
from tulou.services.gateway.tests.vendors import SPEECHES
from tulou.services.upstreams.providers import known_providers
from tulou.testing.eventually import eventually

AT_ONCE = 24
HUNG_S = 90.0
PATIENT = Deadlines(connect_s=30.0, first_byte_s=30.0, idle_s=30.0, total_s=60.0)
QUICK = Deadlines(connect_s=30.0, first_byte_s=1.0, idle_s=1.0, total_s=2.0)
"""For vendors that say nothing more: what a busy machine does to others must change nothing."""
PLAUSIBLE = 10_000_000
"""More tokens than this nobody is billed for a word."""

ENDPOINTS: tuple[Endpoint, ...] = ("chat", "responses", "messages")


@dataclass(frozen=True)
class Way:
    """A client's dialect, a vendor's, and where the vendor's lies."""

    name: str
    path: str
    dialect: UpstreamDialect
    provider: str = ""

    def replica(self, url: str) -> Replica:
        """Return the vendor as the gate knows it."""
        known = known_providers().get(self.provider)
        return Replica(
            id=self.name,
            deployment=self.name,
            generation=1,
            url=f"{url}/{self.dialect}",
            upstream_model="m",
            provider="vendor",
            dialect=self.dialect,
            paths=tuple(known.paths.items()) if known is not None else (),
            extra_body=known.extra_body if known is not None else {},
            omit=known.omit if known is not None else (),
        )


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        way.name: way
        for way in (
            Way("openai", "chat/completions", "openai"),
            Way("openai-by-messages", "messages", "openai"),
            Way("responses", "responses", "responses"),
            Way("responses-by-chat", "chat/completions", "responses"),
            Way("anthropic", "messages", "anthropic"),
            Way("anthropic-by-chat", "chat/completions", "anthropic"),
            Way("gemini-by-chat", "chat/completions", "gemini"),
            Way("bedrock-by-chat", "chat/completions", "bedrock"),
            Way("vertex-gemini-by-chat", "chat/completions", "gemini", "vertex"),
            Way("vertex-claude", "messages", "anthropic", "vertex-anthropic"),
        )
    }
)


@dataclass(frozen=True)
class Result:
    """What came of one oddity: how it ended, and what is wrong with that."""

    way: str
    stream: bool
    oddity: Oddity
    ended: str
    problems: tuple[str, ...]


def told_of(url: str) -> Snapshot:
    """Return a snapshot of all ways: nothing is asked twice, and no breaker opens."""
    route: dict[str, Any] = {
        "retry": RetryPolicy(attempts=1),
        "breaker": BreakerPolicy(failures=1_000_000),
    }
    targets = [target(way.replica(url), deployment=way.name, endpoints=ENDPOINTS) for way in WAYS.values()]
    routes = [
        Route(model=model, shares=(TrafficShare(deployment=name),), deadlines=deadlines, **route)
        for name in WAYS
        for model, deadlines in ((name, PATIENT), (f"{name}-quick", QUICK))
    ]
    return snapshot(*targets, routes=routes)


@asynccontextmanager
async def odd_house(directory: Path) -> AsyncGenerator[RunningGate]:
    """Run a gate before the odd vendor as long as the block runs."""
    async with odd_vendor() as url, gate(directory, told_of(url)) as running:
        yield running


async def results(running: RunningGate, way: Way, *, stream: bool) -> Sequence[Result]:
    """Return what came of every oddity that fits."""
    good = Good(SPEECHES[way.dialect], stream)
    fitting = fitting_to(good)
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(oddity: Oddity) -> client.Received:
        async with turn:
            return await _ask(running, way, oddity, stream=stream)

    received = await asyncio.gather(*(one(oddity) for oddity in fitting))
    wanted = {_request_id(way, oddity, stream=stream) for oddity in fitting}
    await eventually(lambda: wanted <= _final(running).keys(), within=HUNG_S)
    entries = _final(running)
    return [
        _judged(way, oddity, got, entries[_request_id(way, oddity, stream=stream)], stream=stream)
        for oddity, got in zip(fitting, received, strict=True)
    ]


async def _ask(running: RunningGate, way: Way, oddity: Oddity, *, stream: bool) -> client.Received:
    words = f"case:{oddity.name}!"
    silent = oddity.make(Good(SPEECHES[way.dialect], stream)).end == "hold"
    model = f"{way.name}-quick" if silent else way.name
    asked: dict[str, Any] = {"model": model, "stream": stream, "max_tokens": 64}
    if way.path == "responses":
        asked = {"model": model, "stream": stream, "input": words}
    else:
        asked["messages"] = [{"role": "user", "content": words}]
    if way.path == "chat/completions" and stream:
        asked["stream_options"] = {"include_usage": True}
    headers = {**AUTH, "x-request-id": _request_id(way, oddity, stream=stream)}
    try:
        async with asyncio.timeout(HUNG_S):
            got = await running.http.post(f"/v1/{way.path}", json=asked, headers=headers)
    except TimeoutError:
        return client.Received(0, problems=["it hangs"])
    except httpx2.HTTPError as error:
        return client.Received(0, problems=[f"the gate breaks off: {type(error).__name__}"])
    if stream and got.status_code == 200:
        return client.stream(got.status_code, got.content)
    return client.whole(way.path, got.status_code, got.content)


def _judged(way: Way, oddity: Oddity, got: client.Received, entry: Entry, *, stream: bool) -> Result:
    passed = way.dialect == "openai" and way.path == "chat/completions" and stream
    own = [one for one in got.problems if not (passed and one.startswith(client.NO_JSON))]  # as the vendor wrote it
    problems = [*own, *_of_status(got), *_of_outcome(oddity, got), *_of_bill(way, oddity, got, entry)]
    return Result(way.name, stream, oddity, _ended(got), tuple(problems))


def _ended(got: client.Received) -> str:
    if got.status != 200:
        return "refused" if 400 <= got.status < 500 else "failed"
    return "broken off" if got.error else "answered"


def _of_status(got: client.Received) -> Sequence[str]:
    known = got.status == 200 or 400 <= got.status < 600
    return () if known and got.status != 500 else (f"the status is {got.status}",)


def _of_outcome(oddity: Oddity, got: client.Received) -> Sequence[str]:
    answered = got.status == 200 and not got.error
    if oddity.outcome == "answered" and not (answered and got.text == "hello"):
        return (f"no good answer: {got.status} {got.text[:40]!r} {got.error[:200]}",)
    if oddity.outcome == "failed" and answered:
        return (f"told as a good answer: {got.text[:40]!r}",)
    return ()


def _of_bill(way: Way, oddity: Oddity, got: client.Received, entry: Entry) -> Sequence[str]:
    problems: list[str] = []
    units = entry.units
    answered = got.status == 200 and not got.error
    if got.status not in (200, entry.status):
        problems.append(f"the ledger has {entry.status} for {got.status}")
    if got.status == 200 and (entry.status == 200) != answered:
        problems.append(f"the ledger has {entry.status} for a stream that {_ended(got)}")
    if answered and (entry.counted == "none" or units.input < 1):
        problems.append(f"an answer is not counted: {entry.counted} {units.input} {units.output}")
    if got.text and not (entry.counted != "none" and units.output >= 1):
        problems.append(f"words are not counted: {entry.counted} {units.output}")
    if max(units.input, units.output) > PLAUSIBLE or min(units.input, units.output) < 0:
        problems.append(f"counts that cannot be: {units.input} {units.output}")
    if oddity.outcome == "answered" and (entry.counted, units.output) != ("reported", 3):
        problems.append(f"a good report is not taken: {entry.counted} {units.input} {units.output}")
    if way.path == "chat/completions" and answered and got.usage is not None:
        problems += _of_usage(got.usage, entry)
    return problems


def _of_usage(usage: Mapping[str, Any], entry: Entry) -> Sequence[str]:
    said = (usage.get("prompt_tokens"), usage.get("completion_tokens"))
    billed = (entry.units.input, entry.units.output)
    if entry.counted == "reported" and said != billed:
        return (f"the client is told of {said} and billed for {billed}",)
    return ()


def _request_id(way: Way, oddity: Oddity, *, stream: bool) -> str:
    return f"{way.name}:{'stream' if stream else 'whole'}:{oddity.name}"


def _final(running: RunningGate) -> Mapping[str, Entry]:
    return {entry.request_id: entry for entry in running.metering.entries.values() if entry.final}
