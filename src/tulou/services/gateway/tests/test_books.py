"""What goes into the ledger: every request once, before its answer ends, with what it cost; refusals too."""

import asyncio
from dataclasses import fields, replace
from pathlib import Path

import msgspec
import pytest
from starlette.types import Send

from tulou.contracts.metering.messages import Entry, Price, PriceList, Units
from tulou.contracts.routing.messages import Deadlines, RetryPolicy, Snapshot
from tulou.services.gateway.ledger import EntryRecord, UnitsRecord, lines
from tulou.services.gateway.tests.gate import AUTH, TOKEN, RunningGate, gate, grant, question, snapshot, target
from tulou.services.gateway.tests.test_failures import route, status
from tulou.services.gateway.tests.upstream import Seen, begin_stream, chunk, reply, upstream, usage_chunk
from tulou.services.gateway.tests.vendors import SPEECHES
from tulou.services.gateway.tests.vendors.speech import vendor
from tulou.services.gateway.usage import Usage
from tulou.testing.eventually import eventually

PRICES = PriceList(
    items=(Price(model="tiny", input=2.0, output=10.0, cached=1.0, batch_factor=0.5),), version=7, currency="USD"
)


def priced(told: Snapshot) -> Snapshot:
    return replace(told, prices=PRICES)


def on_disk(running: RunningGate) -> list[Entry]:
    """Return what is on disk now and not yet shipped, with what was shipped."""
    found: dict[str, Entry] = dict(running.metering.entries)
    for file in (running.directory / "ledger").glob("*.log"):
        bodies = [line.entry for line in lines.read(file.read_bytes(), 0) if line.entry is not None]
        found |= {entry.id: entry for entry in (msgspec.json.decode(body, type=Entry) for body in bodies)}
    return list(found.values())


async def test_an_answer_is_in_the_ledger_before_it_is_with_the_client(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, priced(snapshot(target(one.replica())))) as running:
        got = await running.chat()
        (entry,) = on_disk(running)
        assert (entry.units.input, entry.units.output) == (7, 3)
        assert (entry.cost, entry.price, got.headers["x-tulou-cost"]) == (44, 7, "0.000044")
        assert (entry.key, entry.tenant, entry.project, entry.model) == ("key_1", "default", "default", "tiny")
        assert (entry.status, entry.attempt, entry.final, entry.counted) == (200, 1, True, "reported")
        assert entry.request_id == got.headers["x-request-id"]


async def test_a_stream_is_in_the_ledger_before_its_last_event(tmp_path: Path) -> None:
    held = asyncio.Event()

    async def act(seen: Seen, send: Send) -> None:
        del seen
        await begin_stream(send)
        for data in (chunk("hello"), usage_chunk()):
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await held.wait()
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    async with upstream(act=act) as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        async with running.stream("chat") as got:
            pieces = got.aiter_bytes()
            await anext(pieces)
            assert not on_disk(running)
            held.set()
            while b"[DONE]" not in await anext(pieces):
                pass
            (entry,) = on_disk(running)
        assert (entry.units.output, entry.stream) == (3, True)
        assert entry.first_token_ms is not None


@pytest.mark.parametrize(
    ("headers", "body", "status", "refused_by"),
    [
        ({}, question(), 401, "missing_api_key"),
        ({"authorization": "Bearer sk-wrong"}, question(), 401, "invalid_api_key"),
        ({"authorization": "Bearer sk-blocked"}, question(), 403, "key_blocked"),
        (AUTH, question(model="other"), 403, "model_forbidden"),
        (AUTH, question(model="none"), 404, ""),
        (AUTH, {"model": "tiny"}, 400, ""),
    ],
)
async def test_what_is_refused_is_in_the_ledger_with_who_refused_it(
    tmp_path: Path, headers: dict[str, str], body: dict[str, object], status: int, refused_by: str
) -> None:
    grants = (grant(models=("tiny",)), grant("sk-blocked", key="k", blocked="the tenant is suspended"))
    async with upstream() as one:
        told = snapshot(target(one.replica()), target(deployment="other"), grants=grants)
        async with gate(tmp_path, told) as running:
            got = await running.http.post("/v1/chat/completions", json=body, headers=headers)
            assert got.status_code == status
            (entry,) = on_disk(running)
            assert (entry.status, entry.refused_by, entry.cost) == (status, refused_by, 0)
            assert not one.seen


@pytest.mark.parametrize("name", ["x" * 10_000, "no\0such"])
async def test_a_model_that_a_client_made_up_makes_no_entry_that_no_ledger_can_hold(tmp_path: Path, name: str) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        reply = await running.http.post("/v1/chat/completions", json=question(model=name), headers=AUTH)
        (entry,) = on_disk(running)
    assert (reply.status_code, entry.status) == (404, 404)
    assert entry.model == name.replace("\0", "")[:200]


async def test_a_blocked_key_is_told_why(tmp_path: Path) -> None:
    told = snapshot(grants=(grant(blocked="the tenant is suspended"),))
    async with gate(tmp_path, told) as running:
        got = await running.chat()
        assert (got.status_code, got.json()["error"]["code"]) == (403, "key_blocked")
        assert "the tenant is suspended" in got.json()["error"]["message"]


async def test_who_leaves_before_an_answer_has_used_the_prompt_all_the_same(tmp_path: Path) -> None:
    waiting = asyncio.Event()

    async def hang(seen: Seen, send: Send) -> None:
        del seen, send
        waiting.set()
        await asyncio.Event().wait()

    async with upstream(act=hang) as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        asking = asyncio.create_task(running.chat())
        await waiting.wait()
        asking.cancel()
        await eventually(lambda: len(on_disk(running)) == 1)
        (entry,) = on_disk(running)
        assert (entry.status, entry.counted, entry.replica) == (499, "estimate", "r1")
        assert entry.units.input > 0


async def test_an_attempt_in_vain_that_used_something_is_in_the_ledger_too(tmp_path: Path) -> None:
    speech = SPEECHES["anthropic"]
    bad = speech.breaks(*speech.opening[:1], speech.fault)
    async with vendor(speech, "bad", bad) as one, vendor(speech, "good") as other:
        replicas = (one.replica(dialect="anthropic"), other.replica(dialect="anthropic"))
        async with gate(tmp_path, priced(snapshot(target(*replicas)))) as running:
            while not one.seen:
                assert (await running.chat(stream=True)).status_code == 200
            lost = [entry for entry in on_disk(running) if not entry.final]
            assert [(entry.replica, entry.units.input, entry.attempt) for entry in lost] == [("bad", 7, 1)]
            assert lost[0].cost > 0


async def test_an_attempt_that_came_too_late_has_read_the_prompt(tmp_path: Path) -> None:
    async def hang(seen: Seen, send: Send) -> None:
        del seen, send
        await asyncio.Event().wait()

    async with upstream("slow", hang) as slow, upstream("fast") as fast:
        hasty = route(balance="round_robin", deadlines=Deadlines(first_byte_s=0.2))
        told = priced(snapshot(target(slow.replica(), fast.replica()), routes=(hasty,)))
        async with gate(tmp_path, told) as running:
            while not slow.seen:
                assert (await running.chat(stream=True)).status_code == 200
            (lost,) = [entry for entry in on_disk(running) if not entry.final]
            assert (lost.replica, lost.code, lost.counted, lost.attempt) == (
                "slow",
                "first_byte_timeout",
                "estimate",
                1,
            )
            assert lost.units.input > 0
            assert lost.units.output == 0
            assert lost.cost == 2 * lost.units.input


async def test_an_attempt_that_was_refused_has_used_nothing(tmp_path: Path) -> None:
    async with upstream("busy", status(503)) as busy, upstream("fast") as fast:
        told = priced(snapshot(target(busy.replica(), fast.replica()), routes=(route(balance="round_robin"),)))
        async with gate(tmp_path, told) as running:
            while not busy.seen:
                await running.chat()
            assert all(entry.final for entry in on_disk(running))


@pytest.mark.parametrize("stream", [False, True])
async def test_a_hedged_call_that_lost_the_race_is_in_the_ledger_too(tmp_path: Path, *, stream: bool) -> None:
    async def hang(seen: Seen, send: Send) -> None:
        del seen, send
        await asyncio.Event().wait()

    async with upstream("slow", hang) as slow, upstream("fast") as fast:
        hedge = route(balance="round_robin", retry=RetryPolicy(hedge_after_s=0.05))
        told = priced(snapshot(target(slow.replica(), fast.replica()), routes=(hedge,)))
        async with gate(tmp_path, told) as running:
            await running.chat(stream=stream)
            lost, won = sorted(on_disk(running), key=lambda entry: entry.final)
            assert (lost.replica, lost.code, lost.counted, lost.final) == ("slow", "outrun", "estimate", False)
            assert lost.units.input > 0
            assert lost.cost == 2 * lost.units.input
            assert (won.replica, won.counted, won.units.input, won.units.output) == ("fast", "reported", 7, 3)


async def test_the_house_asks_as_a_key_and_batches_cost_less(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, priced(snapshot(target(one.replica())))) as running:
        headers = {"authorization": f"Bearer {TOKEN}", "x-tulou-on-behalf-of": "key_1", "x-tulou-priority": "batch"}
        got = await running.http.post("/v1/chat/completions", json=question(), headers=headers)
        assert (got.status_code, got.headers["x-tulou-cost"]) == (200, "0.000022")
        wrong = headers | {"authorization": "Bearer guessed"}
        assert (await running.http.post("/v1/chat/completions", json=question(), headers=wrong)).status_code == 401
        unknown = headers | {"x-tulou-on-behalf-of": "key_9"}
        assert (await running.http.post("/v1/chat/completions", json=question(), headers=unknown)).status_code == 401
        mine = await running.http.post(
            "/v1/chat/completions", json=question(), headers={**headers, **AUTH, "x-tulou-on-behalf-of": "key_9"}
        )
        assert (mine.status_code, mine.headers["x-tulou-cost"]) == (200, "0.000044")


async def test_ids_of_entries_are_never_the_clients(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        for _ in range(2):
            await running.http.post(
                "/v1/chat/completions", json=question(), headers={**AUTH, "x-request-id": "the-same"}
            )
        entries = on_disk(running)
        assert len({entry.id for entry in entries}) == 2
        assert {entry.request_id for entry in entries} == {"the-same"}


async def test_an_answer_without_counts_is_estimated_at_four_bytes_a_token(tmp_path: Path) -> None:
    whole = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "x" * 40}, "finish_reason": "stop"}]}

    async def act(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, 200, whole)

    async with upstream(act=act) as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        await running.chat(messages=[{"role": "user", "content": "y" * 80}])
        (entry,) = on_disk(running)
        assert (entry.counted, entry.units.input) == ("estimate", 20)
        assert entry.units.output == 10


def test_what_is_noted_of_a_request_has_the_fields_of_an_entry() -> None:
    assert EntryRecord.__struct_fields__ == tuple(field.name for field in fields(Entry))
    assert UnitsRecord.__struct_fields__ == Usage._fields == tuple(field.name for field in fields(Units))
