"""Colleagues go on from large conversations beside each other, however slowly one of them reads."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import structlog.testing
from starlette.types import Send

from tulou.contracts.files.messages import Owner
from tulou.contracts.responses.messages import StoredResponse
from tulou.services.gateway.endpoints.responses import Responding
from tulou.services.gateway.http.responses.recorder import ResponseRecorder
from tulou.services.gateway.http.responses.store import ResponseStore
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.store_breaker import StoreBreaker
from tulou.services.gateway.tests.gate import AUTH, RunningGate, gate, grant, snapshot, target
from tulou.services.gateway.tests.house import FakeResponses
from tulou.services.gateway.tests.upstream import WHOLE, Seen, reply, upstream
from tulou.services.gateway.tests.vendors import SPEECHES
from tulou.services.gateway.tests.vendors.speech import vendor
from tulou.testing.clock import ManualClock
from tulou.testing.eventually import eventually

MIB = 1024 * 1024
SPEECH = SPEECHES["openai"]
COLLEAGUES = {name: {"authorization": f"Bearer sk-{name}"} for name in ("ana", "ben")}
ONE_AT_A_TIME = GatewaySettings(ledger_every_s=0.05, bodies_bytes=12 * MIB)


class Slow:
    """A vendor whose streams begin, and go on when they are told to; it counts nothing."""

    def __init__(self) -> None:
        self.asked = 0
        self.begin, self.go_on = asyncio.Event(), asyncio.Event()

    async def act(self, seen: Seen, send: Send) -> None:
        if not SPEECH.streams(seen):
            await SPEECH.says(SPEECH.text)(seen, send)
            return
        self.asked += 1
        await self.begin.wait()
        await SPEECH.begin(send)
        begun, later = SPEECH.text.frames[:2], SPEECH.text.frames[2:-2]
        for frame in begun:
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        await self.go_on.wait()
        for frame in later:
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


@asynccontextmanager
async def office(folder: Path, settings: GatewaySettings | None = None) -> AsyncGenerator[tuple[RunningGate, Slow]]:
    """Run a gateway with two keys of one tenant's project, in which a conversation of 1.5 MiB was held."""
    slow = Slow()
    grants = [grant(f"sk-{name}", key=f"key_{name}", project="default") for name in COLLEAGUES]
    async with vendor(SPEECH, act=slow.act) as one:
        told = snapshot(target(one.replica(), endpoints=("chat", "responses")), grants=grants)
        async with gate(folder, told, settings=settings) as running:
            running.responses.kept["resp_1"] = kept("x" * (3 * MIB // 2))
            yield running, slow


def kept(words: str) -> StoredResponse:
    said = [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": words}]}]
    return StoredResponse(
        id="resp_1",
        owner=Owner(tenant="default", project="default", key="key_ana", principal="admin"),
        state="completed",
        body=msgspec.json.encode({"id": "resp_1", "output": said}).decode(),
        input="[]",
        created_at=0.0,
        expires_at=1e12,
    )


def going_on(previous: str = "resp_1", *, stream: bool) -> dict[str, Any]:
    return {"model": "tiny", "input": "and then?", "previous_response_id": previous, "stream": stream}


def asking(running: RunningGate, name: str, previous: str = "resp_1", *, stream: bool) -> Any:
    asked = going_on(previous, stream=stream)
    return running.http.stream("POST", "/v1/responses", json=asked, headers=COLLEAGUES[name])


async def test_colleagues_wait_for_their_models_beside_each_other(tmp_path: Path) -> None:
    async with office(tmp_path) as (running, slow), asyncio.TaskGroup() as tasks:

        async def ask(name: str) -> None:
            async with asking(running, name, stream=True) as got:
                assert got.status_code == 200
                assert "response.completed" in (await got.aread()).decode()

        for name in COLLEAGUES:
            tasks.create_task(ask(name))
        await eventually(lambda: slow.asked == 2)
        slow.begin.set()
        slow.go_on.set()


async def test_a_stream_that_is_read_slowly_holds_no_room_from_a_colleague(tmp_path: Path) -> None:
    async with office(tmp_path, ONE_AT_A_TIME) as (running, slow):
        slow.begin.set()
        async with asking(running, "ana", stream=True) as first:
            events = first.aiter_bytes()
            assert b"response.created" in await anext(events)
            own = len(msgspec.json.encode(going_on(stream=True)))
            assert running.service.turnstile.bytes <= 2 * own, "its question is let go of"
            async with asking(running, "ben", stream=False) as second:
                assert (second.status_code, b"hello" in await second.aread()) == (200, True)
            slow.go_on.set()
            assert b"response.completed" in b"".join([piece async for piece in events])
        await eventually(lambda: len(running.metering.entries) == 2)
        took = {entry.key: entry for entry in running.metering.entries.values()}["key_ana"]
        assert took.counted == "estimate"
        assert 3 * MIB // 8 <= took.units.input < MIB // 2, "what was let go of is counted all the same"


async def test_a_conversation_whose_answer_was_kept_here_is_loaded_once_however_long_it_waits(tmp_path: Path) -> None:
    go_on, asked = asyncio.Event(), 0

    async def act(seen: Seen, send: Send) -> None:
        nonlocal asked
        del seen
        asked += 1
        words = "x" * (3 * MIB // 2) if asked == 1 else "short"
        if asked > 1:
            await go_on.wait()
        choice = {"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"}
        await reply(send, 200, {**WHOLE, "choices": [choice]})

    async with upstream(act=act) as one:
        told = snapshot(target(one.replica(), endpoints=("chat", "responses")))
        async with gate(tmp_path, told, settings=ONE_AT_A_TIME) as running:
            ask = partial(running.http.post, "/v1/responses", headers=AUTH)
            first = (await ask(json={"model": "tiny", "input": "a long tale"})).json()["id"]
            before = running.responses.asked
            going = [asyncio.create_task(ask(json=going_on(first, stream=False))) for _ in range(2)]
            await eventually(lambda: asked == 2)
            go_on.set()
            assert [(await one).status_code for one in going] == [200, 200]
            assert running.responses.asked - before == 2 + 2, "each was loaded once, and each answer kept"


async def test_a_client_that_leaves_while_it_waits_leaves_nothing_behind(tmp_path: Path) -> None:
    async with office(tmp_path, ONE_AT_A_TIME) as (running, slow), asyncio.TaskGroup() as tasks:

        async def ask(name: str, previous: str = "resp_1") -> None:
            async with asking(running, name, previous, stream=True) as got:
                await got.aread()

        running.responses.kept["resp_2"] = replace(running.responses.kept["resp_1"], id="resp_2")
        first = tasks.create_task(ask("ana"))
        await eventually(lambda: slow.asked == 1)
        read = running.responses.asked
        waiting = tasks.create_task(ask("ben", "resp_2"))
        await eventually(lambda: running.responses.asked == read + 1)
        waiting.cancel()
        first.cancel()
        await eventually(lambda: running.service.turnstile.bytes == 0)
        slow.begin.set()
        slow.go_on.set()
        await ask("ben")
        assert slow.asked == 2


async def test_a_large_answer_that_waits_for_others_to_be_kept_goes_out_without_being_kept() -> None:
    clock, responses = ManualClock(), FakeResponses(silent=True)
    keeping = ResponseStore(responses, StoreBreaker(within_s=60, clock=clock), GatewaySettings(responses_s=0.0), clock)
    asked, answer = Responding(model="tiny", input="hi"), kept("x" * 2 * MIB).body.encode()
    first = asyncio.create_task(keeping.keep(grant(), asked, answer))
    await eventually(lambda: responses.asked == 1)
    with structlog.testing.capture_logs() as logs:
        assert not await keeping.keep(grant(), asked, answer)
    assert [line["event"] for line in logs] == ["response_not_kept"]
    first.cancel()
    await asyncio.wait([first])
    responses.silent = False
    assert await keeping.keep(grant(), asked, answer)


async def test_an_answer_is_known_by_the_id_that_it_is_kept_under_also_where_that_is_a_vendors_own() -> None:
    clock, responses = ManualClock(), FakeResponses()
    keeping = ResponseStore(responses, StoreBreaker(within_s=60, clock=clock), GatewaySettings(), clock)
    asked, answer = Responding(model="tiny", input="hi"), kept("hello").body.encode()
    recorder = ResponseRecorder(keeping, grant(), asked)
    shown = await recorder.kept(recorder.shown(answer))
    assert recorder.kept_as == "resp_1" != recorder.id
    assert recorder.size == len(shown)
