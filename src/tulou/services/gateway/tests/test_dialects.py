"""Any client's dialect to any upstream's, with the clients that people use: words, streams, tools, failures."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_openai import ChatOpenAI
from pydantic import SecretStr
from starlette.types import Send

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.contracts.routing.messages import Endpoint, RetryPolicy, Route, Snapshot, TrafficShare
from tulou.services.gateway.tests.clients import ASKS, STATUS_ERRORS, STREAM_ERRORS, WEATHER, WORDS, openai_client
from tulou.services.gateway.tests.gate import AUTH, SECRET, RunningGate, gate, snapshot, target
from tulou.services.gateway.tests.upstream import Act, Seen, Upstream, reply, upstream
from tulou.services.gateway.tests.vendors import ASKED_FOR, SPEECHES
from tulou.services.gateway.tests.vendors.speech import Speech, vendor
from tulou.testing.eventually import eventually

GENERATING: tuple[Endpoint, ...] = ("chat", "completions", "responses", "messages", "count_tokens")
BOTH = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
CLIENT = pytest.mark.parametrize("client", ASKS)
TOOL = {"type": "function", "function": {"name": "get_weather", "description": "d", "parameters": WEATHER}}
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
    route = Route(model="tiny", shares=(TrafficShare(deployment="tiny"),), retry=RetryPolicy(backoff_s=0.01))
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
async def test_a_vendor_that_does_not_stream_has_answered_all_the_same(
    tmp_path: Path, client: Endpoint, dialect: UpstreamDialect
) -> None:
    def never(_: Seen) -> bool:
        return False

    async with house(tmp_path, replace(SPEECHES[dialect], streams=never)) as (running, _):
        said = await ASKS[client](running.url, stream=True)
        assert (said.text, said.calls, said.input, said.output) == ("hello", (), 7, 3)
        await eventually(lambda: len(running.metering.entries) == 1)
        (entry,) = running.metering.entries.values()
        assert (entry.units.input, entry.units.output, entry.status) == (7, 3, 200)
        labels = {"deployment": "tiny", "replica": "v1"}
        assert running.registry.get_sample_value("tulou_gateway_replica_in_flight", labels) == 0
        assert len(running.responses.kept) == (client == "responses")


async def test_an_older_completion_that_was_not_streamed_is_one_event(tmp_path: Path) -> None:
    whole = {
        "id": "cmpl_1",
        "object": "text_completion",
        "choices": [{"index": 0, "text": "hello", "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }

    async def act(_: Seen, send: Send) -> None:
        await reply(send, 200, whole)

    async with (
        upstream("r1", act) as one,
        gate(tmp_path, snapshot(target(one.replica()))) as running,
        openai_client(running.url) as client,
    ):
        stream = await client.completions.create(model="tiny", prompt="hi", stream=True)
        assert [choice.text async for event in stream for choice in event.choices] == ["hello"]


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
        route = Route(model="tiny", shares=(TrafficShare(deployment="tiny"),), balance="round_robin")
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
        await eventually(lambda: one.left == 1)
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
                    shares=(TrafficShare(deployment="tiny"),),
                    fallbacks=("other",),
                    retry=RetryPolicy(attempts=1),
                ),
            ),
        )
        async with gate(tmp_path, told) as running:
            for client, ask in ASKS.items():
                assert (await ask(running.url, stream=True)).text == "hello", client


@UPSTREAM
async def test_langchains_client_works_with_every_upstream(tmp_path: Path, dialect: UpstreamDialect) -> None:
    speech = SPEECHES[dialect]
    async with house(tmp_path, speech) as (running, one):
        chat = ChatOpenAI(
            model="tiny", base_url=f"{running.url}/v1", api_key=SecretStr(SECRET), max_retries=0, stream_usage=True
        )
        said = await chat.ainvoke(WORDS)
        assert said.content == "hello"
        pieces = [piece.content async for piece in chat.astream(WORDS)]
        assert "".join(str(piece) for piece in pieces) == "hello"
        one.act = speech.says(speech.tools)
        called = await chat.ainvoke(WORDS, tools=[TOOL])
        assert [(call["name"], call["args"]) for call in called.tool_calls] == [("get_weather", {"city": "Fuzhou"})]


async def test_what_an_upstream_cannot_honour_is_told_in_a_header_and_in_the_log(tmp_path: Path) -> None:
    async with house(tmp_path, SPEECHES["anthropic"]) as (running, _):
        got = await running.chat(seed=7, frequency_penalty=0.5)
        assert got.status_code == 200
        assert "seed" in got.headers["x-tulou-dropped"]
        log = tmp_path / "log" / "gateway-0-access.log"
        await eventually(lambda: log.exists() and '"dropped":[' in log.read_text())
        assert "x-tulou-dropped" not in (await running.chat()).headers


async def test_an_overload_is_529_for_clients_of_messages_and_says_which_request_it_was(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot(target(endpoints=GENERATING))) as running:
        asked = {"model": "tiny", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
        got = await running.http.post("/anthropic/v1/messages", json=asked, headers=AUTH)
        assert got.status_code == 529
        assert (got.json()["type"], got.json()["error"]["type"]) == ("error", "overloaded_error")
        assert got.json()["request_id"] == got.headers["x-request-id"]
        wrong = await running.http.post("/v1/messages", json={"model": "tiny"}, headers=AUTH)
        assert (wrong.status_code, wrong.json()["error"]["type"]) == (400, "invalid_request_error")
        nobody = await running.http.post("/v1/messages", json=asked)
        assert (nobody.status_code, nobody.json()["error"]["type"]) == (401, "authentication_error")


async def test_text_completions_come_from_upstreams_that_only_converse(tmp_path: Path) -> None:
    async with house(tmp_path, SPEECHES["anthropic"]) as (running, one):
        async with openai_client(running.url) as client:
            said = await client.completions.create(model="tiny", prompt=WORDS)
            assert said.choices[0].text == "hello"
        assert ASKED_FOR["anthropic"](one.seen[0]) == WORDS
