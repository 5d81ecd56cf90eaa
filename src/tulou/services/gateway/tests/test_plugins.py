"""Stages of other packages in a whole gate: what they answer, change and break is settled as if it were ours."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from starlette.types import Send

from tulou.kernel.errors import ForbiddenError
from tulou.services.gateway.stack.call import Answer, Call, Stage
from tulou.services.gateway.stack.order import Blueprint, Builder
from tulou.services.gateway.stack.wrapper import AnswerWrapper, End
from tulou.services.gateway.tests.gate import RunningGate, gate, snapshot, target
from tulou.services.gateway.tests.upstream import WHOLE, Seen, begin_stream, chunk, reply, upstream
from tulou.testing.eventually import eventually


class Answering:
    """Answers by itself."""

    async def __call__(self, call: Call) -> Answer:
        del call
        return Answer(200, [(b"content-type", b"application/json")], b'{"cached": true}')


class Refusing:
    """Refuses everything."""

    async def __call__(self, call: Call) -> Answer:
        raise ForbiddenError(f"{call.model} is closed today")


class Failing(AnswerWrapper):
    """Fails at the second piece of a stream."""

    seen = 0

    def piece(self, data: bytes) -> bytes:
        self.seen += 1
        if self.seen > 1:
            raise ValueError("a mistake of the stage")
        return data


class Watching(AnswerWrapper):
    """Notes how answers end."""

    def __init__(self, call: Call, ends: list[End]) -> None:
        super().__init__(call)
        self._ends = ends

    def end(self, end: End) -> None:
        self._ends.append(end)


def installed(monkeypatch: pytest.MonkeyPatch, **builders: Builder) -> None:
    plugins: Mapping[str, tuple[Builder, ...]] = {place: (build,) for place, build in builders.items()}
    monkeypatch.setattr("tulou.services.gateway.component.load_plugins", lambda: plugins)


async def only_entry(running: RunningGate) -> tuple[int, str, int, str]:
    await eventually(lambda: len(running.metering.entries) == 1)
    (entry,) = running.metering.entries.values()
    return entry.status, entry.replica, entry.cost, entry.refused_by


async def test_a_stage_that_answers_by_itself_uses_no_replica_and_no_money(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(plan: Blueprint, inner: Stage) -> Stage:
        del plan, inner
        return Answering()

    installed(monkeypatch, cache=build)
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        got = await running.chat()
        assert (got.status_code, got.json()) == (200, {"cached": True})
        assert (got.headers["x-tulou-replica"], got.headers["x-tulou-cost"]) == ("-", "0.000000")
        assert await only_entry(running) == (200, "", 0, "")
        assert not one.seen


async def test_a_stage_that_refuses_is_told_to_the_client_and_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(plan: Blueprint, inner: Stage) -> Stage:
        del plan, inner
        return Refusing()

    installed(monkeypatch, admission=build)
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        got = await running.chat(stream=True)
        assert (got.status_code, got.json()["error"]["message"]) == (403, "tiny is closed today")
        assert await only_entry(running) == (403, "", 0, "forbidden")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_stage_sees_the_end_of_answers_and_what_they_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stream: bool
) -> None:
    ends: list[End] = []

    def build(plan: Blueprint, inner: Stage) -> Stage:
        del plan

        async def stage(call: Call) -> Answer:
            return await Watching(call, ends).wrap(await inner(call))

        return stage

    installed(monkeypatch, attempt=build)
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        got = await running.chat(stream=stream)
        assert got.status_code == 200
        assert stream or got.json() == WHOLE
    (end,) = ends
    assert (end.how, end.usage and (end.usage.input, end.usage.output)) == ("finished", (7, 3))


async def test_a_stage_that_fails_in_the_middle_of_a_stream_breaks_that_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(plan: Blueprint, inner: Stage) -> Stage:
        del plan

        async def stage(call: Call) -> Answer:
            return await Failing(call).wrap(await inner(call))

        return stage

    begun = asyncio.Event()

    async def act(seen: Seen, send: Send) -> None:
        if b'"stream":true' not in seen.body:
            await reply(send, 200, WHOLE)
            return
        await begin_stream(send)
        await send({"type": "http.response.body", "body": chunk("hel"), "more_body": True})
        await begun.wait()
        await send({"type": "http.response.body", "body": chunk("lo"), "more_body": True})

    installed(monkeypatch, policy=build)
    async with upstream(act=act) as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        async with running.stream("chat") as got:
            pieces = got.aiter_text()
            text = await anext(pieces)
            begun.set()
            text += "".join([piece async for piece in pieces])
        assert "event: error" in text
        assert "a mistake" not in text
        assert '"lo"' not in text
        status, replica, _, _ = await only_entry(running)
        assert (status, replica) == (500, "r1")
        assert (await running.chat()).status_code == 200
