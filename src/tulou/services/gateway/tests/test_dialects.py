"""Any client's dialect to any upstream's, with the clients that people use: words, streams, tools, failures."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.contracts.routing.messages import Endpoint, RetryPolicy, Route, Share, Snapshot
from tulou.services.gateway.tests.clients import ASKS, STATUS_ERRORS, STREAM_ERRORS, WORDS
from tulou.services.gateway.tests.gate import RunningGate, gate, snapshot, target
from tulou.services.gateway.tests.upstream import Act, Upstream
from tulou.services.gateway.tests.vendors import ASKED_FOR, SPEECHES
from tulou.services.gateway.tests.vendors.speech import Speech, vendor
from tulou.testing.eventually import eventually

GENERATING: tuple[Endpoint, ...] = ("chat", "completions", "responses", "messages", "count_tokens")
BOTH = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
CLIENT = pytest.mark.parametrize("client", ASKS)
UPSTREAM = pytest.mark.parametrize("dialect", SPEECHES)


@asynccontextmanager
async def house(
    folder: Path, speech: Speech, act: Act | None = None, *, name: str = "v1", **changes: Any
) -> AsyncGenerator[tuple[RunningGate, Upstream]]:
    """A gate before one vendor."""
    async with vendor(speech, name, act) as one, gate(folder, told_of(one, speech, **changes)) as running:
        yield running, one


def told_of(one: Upstream, speech: Speech, **changes: Any) -> Snapshot:
    replica = one.replica(dialect=speech.dialect, upstream_model="vendor-model", provider="vendor", **changes)
    route = Route(model="tiny", shares=(Share(deployment="tiny"),), retry=RetryPolicy(backoff_s=0.01))
    return snapshot(target(replica, endpoints=GENERATING), routes=(route,))


@CLIENT
@UPSTREAM
@BOTH
async def test_words_come_through_with_their_counts(
    tmp_path: Path, client: Endpoint, dialect: UpstreamDialect, *, stream: bool
) -> None:
    async with house(tmp_path, SPEECHES[dialect]) as (running, one):
        said = await ASKS[client](running.url, stream=stream)
        assert (said.text, said.calls) == ("hello", ())
        assert (said.input, said.output) == (7, 3)
        assert ASKED_FOR[dialect](one.seen[0]) == WORDS
        await eventually(lambda: len(running.metering.entries) == 1)
        (entry,) = running.metering.entries.values()
        assert (entry.units.input, entry.units.output, entry.units.cached) == (7, 3, 2)
        assert (entry.counted, entry.status, entry.provider, entry.endpoint) == ("reported", 200, "vendor", client)


@CLIENT
@UPSTREAM
@BOTH
async def test_calls_of_tools_come_through(
    tmp_path: Path, client: Endpoint, dialect: UpstreamDialect, *, stream: bool
) -> None:
    speech = SPEECHES[dialect]
    async with house(tmp_path, speech, speech.says(speech.tools)) as (running, one):
        said = await ASKS[client](running.url, stream=stream, tools=True)
        assert [(name, arguments) for _, name, arguments in said.calls] == [("get_weather", {"city": "Fuzhou"})]
        assert said.calls[0][0]
        assert b"get_weather" in one.seen[0].body


@CLIENT
@UPSTREAM
@BOTH
async def test_what_an_upstream_refuses_is_told_in_the_clients_words(
    tmp_path: Path, client: Endpoint, dialect: UpstreamDialect, *, stream: bool
) -> None:
    speech = SPEECHES[dialect]
    async with house(tmp_path, speech, speech.refuses(400)) as (running, one):
        with pytest.raises(STATUS_ERRORS, match="no, not this") as caught:
            await ASKS[client](running.url, stream=stream)
        assert getattr(caught.value, "status_code", 0) == 400
        assert len(one.seen) == 1


@CLIENT
@UPSTREAM
async def test_a_stream_that_begins_badly_fails_over_unseen(
    tmp_path: Path, client: Endpoint, dialect: UpstreamDialect
) -> None:
    speech = SPEECHES[dialect]
    async with (
        vendor(speech, "bad", speech.breaks(speech.fault)) as bad,
        vendor(speech, "good") as good,
    ):
        both = [one.replica(dialect=speech.dialect) for one in (bad, good)]
        route = Route(model="tiny", shares=(Share(deployment="tiny"),), balance="round_robin")
        async with gate(tmp_path, snapshot(target(*both, endpoints=GENERATING), routes=(route,))) as running:
            for _ in range(2):
                assert (await ASKS[client](running.url, stream=True)).text == "hello"
            assert bad.seen


@CLIENT
@UPSTREAM
async def test_a_stream_that_breaks_later_says_so_in_the_clients_words(
    tmp_path: Path, client: Endpoint, dialect: UpstreamDialect
) -> None:
    speech = SPEECHES[dialect]
    act = speech.breaks(*speech.opening, speech.piece, speech.fault)
    async with house(tmp_path, speech, act) as (running, _):
        with pytest.raises((*STREAM_ERRORS, RuntimeError)):
            await ASKS[client](running.url, stream=True)
        await eventually(lambda: len(running.metering.entries) == 1)
        (entry,) = running.metering.entries.values()
        assert (entry.status, entry.code, entry.counted) == (502, "upstream_failed", "estimate")
        assert entry.units.output > 0


@CLIENT
@UPSTREAM
async def test_generation_stops_when_the_client_leaves(
    tmp_path: Path, client: Endpoint, dialect: UpstreamDialect
) -> None:
    speech = SPEECHES[dialect]
    async with house(tmp_path, speech, speech.endless) as (running, one):
        async with running.stream(client) as got:
            await anext(got.aiter_bytes())
        await eventually(lambda: one.left == 1, within=2)
        await eventually(lambda: len(running.metering.entries) == 1)
        (entry,) = running.metering.entries.values()
        assert (entry.status, entry.counted) == (499, "estimate")
        assert entry.units.output > 0


@UPSTREAM
async def test_models_of_other_dialects_are_fallen_back_to(tmp_path: Path, dialect: UpstreamDialect) -> None:
    speech, plain = SPEECHES[dialect], SPEECHES["openai"]
    async with vendor(plain, "bad", plain.refuses(500)) as bad, vendor(speech, "good") as good:
        told = snapshot(
            target(bad.replica(), endpoints=GENERATING),
            target(good.replica("other", dialect=speech.dialect), deployment="other", endpoints=GENERATING),
            routes=(
                Route(
                    model="tiny",
                    shares=(Share(deployment="tiny"),),
                    fallbacks=("other",),
                    retry=RetryPolicy(attempts=1),
                ),
            ),
        )
        async with gate(tmp_path, told) as running:
            for client, ask in ASKS.items():
                assert (await ask(running.url, stream=True)).text == "hello", client
