"""A stream that is silent is kept alive, and what is waited for goes on behind it as if nothing had gone out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openai.types.responses import ResponseFailedEvent
from starlette.types import Send

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.contracts.routing.messages import Deadlines, Endpoint, RetryPolicy, Route, Snapshot, TrafficShare
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.tests import clients
from tulou.services.gateway.tests.clients import ASKS, STREAM_ERRORS
from tulou.services.gateway.tests.gate import RunningGate, gate, snapshot, target
from tulou.services.gateway.tests.test_dialects import told_of
from tulou.services.gateway.tests.upstream import Act, Seen, Upstream, begin_stream, chunk, reply, stream, upstream
from tulou.services.gateway.tests.vendors import SPEECHES
from tulou.services.gateway.tests.vendors.speech import vendor
from tulou.testing.eventually import eventually
from tulou.testing.http import http_client

SOON = GatewaySettings(heartbeat_s=0.05, ledger_every_s=0.05)
BEATS: dict[Endpoint, str] = {
    "chat": ": keep-alive",
    "completions": ": keep-alive",
    "responses": ": keep-alive",
    "messages": "event: ping",
}
ENDPOINTS: tuple[Endpoint, ...] = ("chat", "responses", "messages")
ONCE = RetryPolicy(attempts=2, backoff_s=0.01)


def held(act: Act, until: asyncio.Event) -> Act:
    """Return an upstream that says nothing at all until then."""

    async def acting(seen: Seen, send: Send) -> None:
        await until.wait()
        await act(seen, send)

    return acting


def pinging(act: Act, until: asyncio.Event) -> Act:
    """Return an upstream that begins a stream, and gives no more than signs of life until then."""

    async def acting(seen: Seen, send: Send) -> None:
        async def rest(message: Any) -> None:
            if message["type"] == "http.response.body":
                await send(message)

        await begin_stream(send)
        while not until.is_set():
            await send({"type": "http.response.body", "body": b": PROCESSING\n\n" * 70, "more_body": True})
            await asyncio.wait((asyncio.ensure_future(until.wait()),), timeout=0.02)
        await act(seen, rest)

    return acting


async def refusing(seen: Seen, send: Send) -> None:
    del seen
    await reply(send, 400, {"error": {"message": "too hot", "type": "invalid_request_error", "code": "hot"}})


async def failing(seen: Seen, send: Send) -> None:
    del seen
    await reply(send, 503, {"error": {"message": "the model is being loaded", "code": "loading"}})


def routed(one: Upstream, other: Upstream | None = None) -> Snapshot:
    replicas = [one.replica(), *([other.replica()] if other is not None else [])]
    endpoints: tuple[Endpoint, ...] = ("chat", "completions", "responses", "messages")
    route = Route(model="tiny", shares=(TrafficShare(deployment="tiny"),), balance="round_robin", retry=ONCE)
    return snapshot(target(*replicas, endpoints=endpoints), routes=(route,))


def statuses(running: RunningGate) -> list[int]:
    """Return how requests ended, as the ledger has it."""
    return [entry.status for entry in running.metering.entries.values() if entry.final]


@asynccontextmanager
async def asked(running: RunningGate, endpoint: Endpoint) -> AsyncGenerator[tuple[Any, Any]]:
    async with running.stream(endpoint) as got:
        yield got, got.aiter_lines()


async def until_beat(lines: Any, endpoint: Endpoint) -> None:
    async for line in lines:
        if line.startswith(BEATS[endpoint]):
            return
    raise AssertionError("the stream ended without a beat")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("waiting", [held, pinging])
async def test_a_silent_stream_has_its_head_and_a_beat_and_then_its_answer(
    tmp_path: Path, endpoint: Endpoint, waiting: Any
) -> None:
    until = asyncio.Event()
    async with upstream(act=waiting(stream, until)) as one, gate(tmp_path, routed(one), settings=SOON) as running:
        async with asked(running, endpoint) as (got, lines):
            assert got.status_code == 200
            assert got.headers["content-type"] == "text/event-stream"
            await until_beat(lines, endpoint)
            await until_beat(lines, endpoint)
            until.set()
            rest = "\n".join([line async for line in lines])
        assert "hel" in rest
        assert '"error"' not in rest.replace('"error":null', "")
        await eventually(lambda: statuses(running) == [200])


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_fail_over_goes_on_behind_a_beat(tmp_path: Path, endpoint: Endpoint) -> None:
    until = asyncio.Event()
    async with upstream("one", held(failing, until)) as one, upstream("two", held(stream, until)) as other:
        told = routed(one, other)
        async with gate(tmp_path, told, settings=SOON) as running:
            for _ in range(2):
                until.clear()
                async with asked(running, endpoint) as (_, lines):
                    await until_beat(lines, endpoint)
                    until.set()
                    assert "hel" in "\n".join([line async for line in lines])
            assert len(one.seen) >= 1
            await eventually(lambda: statuses(running) == [200, 200])


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    ("act", "status", "words"), [(failing, 502, "the model is being loaded"), (refusing, 400, "too hot")]
)
async def test_what_fails_behind_a_beat_is_an_error_event_and_kept_as_what_it_was(
    tmp_path: Path, endpoint: Endpoint, act: Act, status: int, words: str
) -> None:
    until = asyncio.Event()
    async with upstream(act=held(act, until)) as one, gate(tmp_path, routed(one), settings=SOON) as running:
        async with asked(running, endpoint) as (_, lines):
            await until_beat(lines, endpoint)
            until.set()
            told = [line async for line in lines if line.startswith(("event: ", "data: ")) and "ping" not in line]
        assert told[-2] == ("event: response.failed" if endpoint == "responses" else "event: error")
        last = msgspec.json.decode(told[-1].removeprefix("data: "))
        error = last["response"]["error"] if endpoint == "responses" else last["error"]
        assert words in error["message"]
        await eventually(lambda: statuses(running) == [status])


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("dialect", ["openai", "responses", "anthropic"])
async def test_the_clients_that_people_use_pass_over_beats(
    tmp_path: Path, endpoint: Endpoint, dialect: UpstreamDialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    until, speech = asyncio.Event(), SPEECHES[dialect]

    async def begun(response: object) -> None:
        del response
        until.set()  # the head has come, and only a beat can have sent it

    monkeypatch.setattr(clients, "http_client", partial(http_client, event_hooks={"response": [begun]}))
    act = held(speech.says(speech.text), until)
    async with vendor(speech, "v1", act) as one, gate(tmp_path, told_of(one, speech), settings=SOON) as running:
        said = await ASKS[endpoint](running.url, stream=True)

    assert said.text == "hello"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_the_clients_that_people_use_raise_what_fails_behind_a_beat(
    tmp_path: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = asyncio.Event()

    async def begun(response: object) -> None:
        del response
        until.set()

    monkeypatch.setattr(clients, "http_client", partial(http_client, event_hooks={"response": [begun]}))
    async with upstream(act=held(failing, until)) as one, gate(tmp_path, routed(one), settings=SOON) as running:
        if endpoint != "responses":
            with pytest.raises(STREAM_ERRORS, match="being loaded"):
                await ASKS[endpoint](running.url, stream=True)
            return
        async with clients.openai_client(running.url) as client:
            events = [event async for event in await client.responses.create(model="tiny", input="hi", stream=True)]
        assert isinstance(last := events[-1], ResponseFailedEvent)
        assert last.response.error is not None
        assert "being loaded" in last.response.error.message


async def test_silence_in_the_middle_of_a_stream_is_broken_too(tmp_path: Path) -> None:
    until = asyncio.Event()

    async def act(seen: Seen, send: Send) -> None:
        del seen
        await begin_stream(send)
        await send({"type": "http.response.body", "body": chunk("hel"), "more_body": True})
        await until.wait()
        await send({"type": "http.response.body", "body": chunk("lo") + b"data: [DONE]\n\n"})

    async with (
        upstream(act=act) as one,
        gate(tmp_path, routed(one), settings=SOON) as running,
        asked(running, "chat") as (_, lines),
    ):
        await until_beat(lines, "chat")
        until.set()
        assert '"lo"' in "\n".join([line async for line in lines])


async def test_a_beat_never_comes_within_an_event(tmp_path: Path) -> None:
    until = asyncio.Event()
    large = chunk("x" * 600_000)

    async def act(seen: Seen, send: Send) -> None:
        del seen
        await begin_stream(send)
        await send({"type": "http.response.body", "body": chunk("a") + large[:400_000], "more_body": True})
        await until.wait()
        await send({"type": "http.response.body", "body": large[400_000:] + b"data: [DONE]\n\n"})

    async with upstream(act=act) as one, gate(tmp_path, routed(one), settings=SOON) as running:
        async with running.stream("chat") as got:
            pieces: list[bytes] = []
            async for piece in got.aiter_bytes():
                if sum(map(len, pieces)) <= 200_000 < sum(map(len, [*pieces, piece])):
                    asyncio.get_running_loop().call_later(SOON.heartbeat_s * 3, until.set)
                pieces.append(piece)
        assert large in b"".join(pieces)


async def test_who_leaves_while_nothing_but_beats_came_stops_the_work(tmp_path: Path) -> None:
    act = held(stream, asyncio.Event())
    async with upstream(act=act) as one, gate(tmp_path, routed(one), settings=SOON) as running:
        async with asked(running, "chat") as (_, lines):
            await until_beat(lines, "chat")
        await eventually(lambda: one.left == 1)
        await eventually(lambda: statuses(running) == [499])


async def test_what_takes_too_long_behind_a_beat_is_a_deadline(tmp_path: Path) -> None:
    async with upstream(act=held(stream, asyncio.Event())) as one:
        told = routed(one)
        deadlines = Deadlines(first_byte_s=0.3, total_s=0.6)
        told = replace(told, routes=(replace(told.routes[0], deadlines=deadlines),))
        async with gate(tmp_path, told, settings=SOON) as running:
            async with asked(running, "chat") as (_, lines):
                told_lines = [line async for line in lines if line.startswith("data: ")]
            assert msgspec.json.decode(told_lines[-1][6:])["error"]["code"] == "deadline_exceeded"
            await eventually(lambda: statuses(running) == [504])
