"""However a request ends, what it took is settled once: in the ledger, and with the limits that bind it."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import Send

from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.messages import Amounts, Units
from tulou.contracts.routing.messages import Deadlines, RetryPolicy, Route, TrafficShare
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.http.request_ledger import RequestLedger
from tulou.services.gateway.quota.reservation import QuotaReservation
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.stack.heavy import Heavy
from tulou.services.gateway.tests.gate import AUTH, RunningGate, gate, snapshot, target
from tulou.services.gateway.tests.upstream import Act, Seen, Upstream, answer, begin_stream, chunk, reply, upstream
from tulou.testing.eventually import eventually

ENDPOINTS = ("chat", "messages")
LIMIT = Limit(name="plenty", scope="tenant", measure="tokens", amount=1_000_000, period="day")


async def hang(seen: Seen, send: Send) -> None:
    del seen, send
    await asyncio.Event().wait()


async def hang_within(seen: Seen, send: Send) -> None:
    """Begin well, and never end."""
    del seen
    await begin_stream(send)
    await send({"type": "http.response.body", "body": chunk("hel"), "more_body": True})
    await asyncio.Event().wait()


async def break_off(seen: Seen, send: Send) -> None:
    """Begin well, and end too early."""
    del seen
    await begin_stream(send)
    await send({"type": "http.response.body", "body": chunk("hel"), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def fault(seen: Seen, send: Send) -> None:
    """Begin well, and then tell an error."""
    del seen
    await begin_stream(send)
    said = b'data: {"error": {"message": "too hot", "code": "hot"}}\n\n'
    await send({"type": "http.response.body", "body": chunk("hel"), "more_body": True})
    await send({"type": "http.response.body", "body": said})


def refusing(status: int) -> Act:
    async def act(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, status, {"error": {"message": "no", "code": "no"}})

    return act


class Settled:
    """Counts what is settled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statuses: list[int] = []
        self.reservations: Counter[int] = Counter()
        self._kept: list[QuotaReservation] = []
        settle, charge, release = RequestLedger.settle, QuotaReservation.settle, QuotaReservation.release

        def settled(books: RequestLedger, record: Record) -> None:
            self.statuses.append(record.status)
            settle(books, record)

        def ended(reservation: QuotaReservation, units: Amounts, cost: int) -> None:
            self._count(reservation)
            charge(reservation, units, cost)

        def released(reservation: QuotaReservation) -> None:
            self._count(reservation)
            release(reservation)

        monkeypatch.setattr(RequestLedger, "settle", settled)
        monkeypatch.setattr(QuotaReservation, "settle", ended)
        monkeypatch.setattr(QuotaReservation, "release", released)

    def _count(self, reservation: QuotaReservation) -> None:
        self._kept.append(reservation)  # or another one might have its number
        self.reservations[id(reservation)] += 1


Asking = Callable[[RunningGate, bool], Awaitable[None]]


async def ask(running: RunningGate, stream: bool, **changes: Any) -> None:  # noqa: FBT001 - as all askings
    await running.chat(stream=stream, **changes)


async def ask_another_model(running: RunningGate, stream: bool) -> None:  # noqa: FBT001
    await ask(running, stream, model="none")


async def ask_nonsense(running: RunningGate, stream: bool) -> None:  # noqa: FBT001
    await ask(running, stream, messages=7)


async def leave(running: RunningGate, stream: bool) -> None:  # noqa: FBT001
    """Leave before anything has come."""
    asking = asyncio.create_task(ask(running, stream))
    await eventually(lambda: running.service.turnstile.inside == 1)
    asking.cancel()
    await asyncio.wait((asking,))


async def leave_within(running: RunningGate, stream: bool) -> None:  # noqa: FBT001
    """Leave in the middle of a stream."""
    assert stream
    async with running.stream("chat") as got:
        await anext(got.aiter_bytes())


def routed(
    *vendors: Upstream, hedge_after_s: float | None = None, falls_back: Upstream | None = None, **replica: Any
) -> Any:
    route = Route(
        model="tiny",
        shares=(TrafficShare(deployment="tiny"),),
        balance="round_robin",
        retry=RetryPolicy(attempts=2, backoff_s=0.01, hedge_after_s=hedge_after_s),
        deadlines=Deadlines(first_byte_s=0.5),
        fallbacks=("other",) if falls_back is not None else (),
    )
    others = () if falls_back is None else (target(falls_back.replica(deployment="other"), deployment="other"),)
    told = snapshot(target(*(one.replica(**replica) for one in vendors), endpoints=ENDPOINTS), *others, routes=(route,))
    return replace(told, limits=(LIMIT,))


@asynccontextmanager
async def running(tmp_path: Path, told: Any) -> AsyncGenerator[RunningGate]:
    async with gate(tmp_path, told, settings=GatewaySettings(ledger_every_s=0.05)) as made:
        made.allowances.left["plenty"] = 1_000_000
        yield made


BOTH, STREAMS = (False, True), (True,)


@pytest.mark.parametrize(
    ("acts", "asking", "stream", "status", "reserved"),
    [
        pytest.param((act,), asking, stream, status, reserved, id=f"{name}, {'stream' if stream else 'whole'}")
        for name, act, asking, kinds, status, reserved in (
            ("finished", answer, ask, BOTH, 200, 1),
            ("the vendor refuses it", refusing(400), ask, BOTH, 400, 1),
            ("the vendor breaks off", break_off, ask, STREAMS, 502, 1),
            ("the vendor tells an error in the middle", fault, ask, STREAMS, 502, 1),
            ("the vendor fails", refusing(500), ask, BOTH, 502, 1),
            ("the vendor is too late", hang, ask, STREAMS, 504, 1),
            ("the client leaves before an answer", hang, leave, BOTH, 499, 1),
            ("the client leaves in the middle", hang_within, leave_within, STREAMS, 499, 1),
            ("refused for its model", answer, ask_another_model, BOTH, 404, 0),
            ("refused for what it asks", answer, ask_nonsense, BOTH, 400, 0),
        )
        for stream in kinds
    ],
)
async def test_a_request_is_settled_once_however_it_ends(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    acts: tuple[Act],
    asking: Asking,
    status: int,
    reserved: int,
    *,
    stream: bool,
) -> None:
    settled = Settled(monkeypatch)
    async with upstream(act=acts[0]) as one, running(tmp_path, routed(one)) as made:
        await asking(made, stream)
        await eventually(lambda: len([entry for entry in made.metering.entries.values() if entry.final]) == 1)
    assert settled.statuses == [status]
    assert list(settled.reservations.values()) == [1] * reserved


@pytest.mark.parametrize("stream", [False, True])
async def test_a_hedged_request_is_settled_once_with_what_its_loser_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stream: bool
) -> None:
    settled = Settled(monkeypatch)
    async with (
        upstream("slow", hang) as slow,
        upstream("fast") as fast,
        running(tmp_path, routed(slow, fast, hedge_after_s=0.05)) as made,
    ):
        while not slow.seen:
            settled.statuses.clear()
            settled.reservations.clear()
            await made.chat(stream=stream)
        await eventually(lambda: any(entry.code == "outrun" for entry in made.metering.entries.values()))
    assert settled.statuses == [200]
    assert list(settled.reservations.values()) == [1]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_request_that_fell_back_is_settled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stream: bool
) -> None:
    settled = Settled(monkeypatch)
    async with (
        upstream("bad", refusing(503)) as bad,
        upstream("good") as good,
        running(tmp_path, routed(bad, falls_back=good)) as made,
    ):
        await made.chat(stream=stream)
        await eventually(lambda: len(made.metering.entries) == 1)
        (entry,) = made.metering.entries.values()
    assert (entry.status, entry.replica, entry.served_by) == (200, "good", "other")
    assert settled.statuses == [200]
    assert list(settled.reservations.values()) == [1]


async def test_a_wrong_key_is_not_settled_but_counted_with_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = Settled(monkeypatch)
    async with upstream() as one, running(tmp_path, routed(one)) as made:
        got = await made.http.post("/v1/chat/completions", json={}, headers={"authorization": "Bearer sk-wrong"})
        assert got.status_code == 401
        await eventually(lambda: len(made.metering.entries) == 1)
    assert settled.statuses == []


async def test_a_mistake_of_the_gateway_is_settled_once_as_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = Settled(monkeypatch)

    def mistaken(*_: object) -> None:
        raise RuntimeError("a mistake")

    async with upstream() as one, running(tmp_path, routed(one)) as made:
        monkeypatch.setattr("tulou.services.gateway.stack.single.UpstreamCalls.to", mistaken)
        got: httpx2.Response = await made.chat()
        assert (got.status_code, got.json()["error"]["code"]) == (500, "internal")
        await eventually(lambda: len(made.metering.entries) == 1)
    assert settled.statuses == [500]


async def test_a_mistake_of_the_gateway_in_the_middle_of_a_stream_is_told_in_it_and_settled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = Settled(monkeypatch)

    async def mistaken(*_: object) -> bytes:
        raise RuntimeError("a mistake")

    async with upstream(act=hang_within) as one, running(tmp_path, routed(one)) as made:
        monkeypatch.setattr("tulou.services.gateway.stack.flow.PassthroughStream.next", mistaken)
        got = await made.chat(stream=True)
        assert got.text.startswith("data: {")
        assert "event: error" in got.text
        assert "its log says why" in got.text
        await eventually(lambda: len(made.metering.entries) == 1)
        await eventually(lambda: one.left == 1)
    assert settled.statuses == [500]
    assert list(settled.reservations.values()) == [1]


async def test_who_leaves_the_line_for_a_turn_has_asked_nobody_and_is_charged_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wait(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Heavy, "do", wait)
    settled = Settled(monkeypatch)
    async with upstream() as one, running(tmp_path, routed(one, dialect="anthropic", provider="vendor")) as made:
        await leave(made, stream=False)
        await eventually(lambda: bool(made.metering.entries))
        (entry,) = made.metering.entries.values()
    assert (settled.statuses, one.seen) == ([499], [])
    assert (entry.units, entry.deployment) == (Units(), "")


def event(kind: str, **fields: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), json.dumps({"type": kind, **fields}).encode())


BEGUN = event(
    "message_start",
    message={"id": "m", "role": "assistant", "model": "tiny", "content": [], "usage": {"input_tokens": 10}},
)
OVERLOADED = BEGUN + event("error", error={"type": "overloaded_error", "message": "Overloaded"})
WELL = (
    BEGUN
    + event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    + event("content_block_delta", index=0, delta={"type": "text_delta", "text": "well"})
    + event("content_block_stop", index=0)
    + event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 5})
    + event("message_stop")
)


def saying(*streams: bytes) -> Act:
    """Say one stream after the other, and the last of them from then on."""
    left = list(streams)

    async def act(seen: Seen, send: Send) -> None:
        del seen
        await begin_stream(send)
        await send({"type": "http.response.body", "body": left.pop(0) if len(left) > 1 else left[0]})

    return act


@pytest.mark.parametrize(
    ("streams", "status", "last", "lost"),
    [
        pytest.param((OVERLOADED, WELL), 200, (10, 5), 1, id="the next answers"),
        pytest.param((OVERLOADED,), 502, (0, 0), 2, id="none answers"),
    ],
)
async def test_an_attempt_that_ends_in_an_error_is_charged_once_and_taints_no_other(
    tmp_path: Path, streams: tuple[bytes, ...], status: int, last: tuple[int, int], lost: int
) -> None:
    asked = {"model": "tiny", "max_tokens": 9, "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    async with upstream(act=saying(*streams)) as one, running(tmp_path, routed(one, dialect="anthropic")) as made:
        got = await made.http.post("/v1/messages", json=asked, headers=AUTH)
        await eventually(lambda: any(entry.final for entry in made.metering.entries.values()))
        entries = list(made.metering.entries.values())
    (final,) = (entry for entry in entries if entry.final)
    assert (got.status_code, final.status) == (status, status)
    assert (final.units.input, final.units.output) == last
    assert [entry.units.input for entry in entries if not entry.final] == [10] * lost
