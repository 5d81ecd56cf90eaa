"""The gate over real sockets: replicas that fail, and what clients see of it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Send

from tulou.contracts.discovery.messages import Replica
from tulou.contracts.routing.messages import BreakerPolicy, Deadlines, RetryPolicy, Route, Snapshot, TrafficShare
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.tests.gate import AUTH, RunningGate, gate, question, snapshot, target
from tulou.services.gateway.tests.upstream import Act, Seen, Upstream, answer, begin_stream, chunk, reply, upstream
from tulou.testing.eventually import eventually

NOWHERE = "http://127.0.0.1:9"

Leave = Callable[[RunningGate, Upstream], Awaitable[None]]


def gone(name: str = "gone") -> Replica:
    return Replica(id=name, deployment="tiny", generation=1, url=NOWHERE)


def route(**changes: Any) -> Route:
    retry = RetryPolicy(backoff_s=0.01)
    told: dict[str, Any] = {"model": "tiny", "shares": (TrafficShare(deployment="tiny"),), "retry": retry}
    return Route(**(told | changes))


def told_of(*replicas: Upstream) -> Snapshot:
    return snapshot(target(*(one.replica() for one in replicas)), routes=(route(),))


def status(code: int, *headers: tuple[bytes, bytes]) -> Act:
    async def act(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, code, {"error": {"message": "no", "type": "x", "param": None, "code": None}}, *headers)

    return act


async def hang(seen: Seen, send: Send) -> None:
    del seen, send
    await asyncio.Event().wait()


async def break_off(seen: Seen, send: Send) -> None:
    """Promise a body and close in the middle of it."""
    del seen
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
    raise ConnectionError("killed")


def backend(gateway: RunningGate, name: str) -> Backend:
    return next(one for one in gateway.service.fleet if one.replica.id == name)


async def test_a_replica_that_refuses_connections_is_left_out_silently_until_it_is_back(tmp_path: Path) -> None:
    async with upstream() as replica:
        told = snapshot(target(gone(), replica.replica()), routes=(route(balance="round_robin"),))
        async with gate(tmp_path, told, settings=GatewaySettings(probe_s=0.05)) as gateway:
            for _ in range(4):
                assert (await gateway.chat()).status_code == 200
            assert len(replica.seen) == 4
            assert backend(gateway, "gone").gone
            assert gateway.value("tulou_gateway_retries_total", model="tiny") == 1


async def test_a_replica_that_listens_again_gets_requests_again(tmp_path: Path) -> None:
    async with (
        upstream() as replica,
        gate(tmp_path, snapshot(target(replica.replica())), settings=GatewaySettings(probe_s=0.05)) as gateway,
    ):
        backend(gateway, "r1").gone = True
        assert (await gateway.chat()).status_code == 503
        gateway.service.site.prober.watch(backend(gateway, "r1"))
        await eventually(lambda: not backend(gateway, "r1").gone)
        assert (await gateway.chat()).status_code == 200


@pytest.mark.parametrize("fault", [status(500), status(503), break_off, status(429), status(401)])
async def test_another_replica_answers_what_one_could_not(tmp_path: Path, fault: Act) -> None:
    async with upstream("bad", fault) as bad, upstream("good") as good:
        told = snapshot(target(bad.replica(), good.replica()), routes=(route(balance="round_robin"),))
        async with gate(tmp_path, told) as gateway:
            for stream in (False, True, False, True):
                got = await gateway.chat(stream=stream)
                assert (got.status_code, got.headers["x-tulou-replica"]) == (200, "good")


async def test_a_hung_replica_misses_its_deadline_and_another_answers(tmp_path: Path) -> None:
    async with upstream("hung", hang) as hung, upstream("good") as good:
        deadlines = Deadlines(first_byte_s=1.0)
        told = snapshot(
            target(hung.replica(), good.replica()), routes=(route(balance="round_robin", deadlines=deadlines),)
        )
        async with gate(tmp_path, told) as gateway:
            got = [await gateway.chat(stream=True) for _ in range(2)]
            assert [one.status_code for one in got] == [200, 200]
            await eventually(lambda: hung.left == len(hung.seen) > 0)


async def test_when_all_fail_the_attempts_are_listed(tmp_path: Path) -> None:
    async with upstream("one", status(500)) as one, upstream("two", status(503)) as two:
        told = snapshot(target(one.replica(), two.replica()), routes=(route(),))
        async with gate(tmp_path, told) as gateway:
            got = await gateway.chat()
            error = got.json()["error"]
            assert (got.status_code, error["code"]) == (502, "upstream_failed")
            assert {attempt["replica"] for attempt in error["attempts"]} == {"one", "two"}
            assert len(error["attempts"]) == 3
            assert got.headers["x-should-retry"] == "true"


async def test_a_deadline_that_passed_everywhere_is_named(tmp_path: Path) -> None:
    async with upstream("hung", hang) as hung:
        told = snapshot(target(hung.replica()), routes=(route(deadlines=Deadlines(first_byte_s=5, total_s=0.1)),))
        async with gate(tmp_path, told) as gateway:
            got = await gateway.chat()
            assert got.status_code == 504
            assert "total deadline" in got.json()["error"]["message"]


async def test_busy_everywhere_is_a_rate_limit_with_the_replicas_advice(tmp_path: Path) -> None:
    act = status(429, (b"retry-after", b"0"))
    async with upstream("busy", act) as busy, gate(tmp_path, told_of(busy)) as gateway:
        got = await gateway.chat()
        assert (got.status_code, got.json()["error"]["code"]) == (429, "rate_limit_exceeded")
        assert got.headers["retry-after"] == "0"


async def test_what_the_client_did_wrong_is_told_as_the_engine_said_it_and_not_tried_again(tmp_path: Path) -> None:
    async with upstream("strict", status(422)) as strict, gate(tmp_path, told_of(strict)) as gateway:
        got = await gateway.chat()
        assert (got.status_code, got.json()["error"]["message"]) == (422, "no")
        assert len(strict.seen) == 1
        assert backend(gateway, "strict").circuit.state == "closed"


async def test_a_breaker_opens_after_its_failures_and_says_so(tmp_path: Path) -> None:
    policy = BreakerPolicy(failures=3, open_s=60)
    async with upstream("bad", status(500)) as bad, upstream("good") as good:
        told = snapshot(target(bad.replica(), good.replica()), routes=(route(balance="round_robin", breaker=policy),))
        async with gate(tmp_path, told) as gateway:
            for _ in range(20):
                assert (await gateway.chat()).status_code == 200
            assert len(bad.seen) == 3
            labels = {"deployment": "tiny", "replica": "bad"}
            assert gateway.value("tulou_gateway_breaker_state", **labels) == 2
            await gateway.tell(snapshot(*told.targets, routes=told.routes, revision=2, epoch=1))
            assert gateway.value("tulou_gateway_breaker_state", **labels) == 0


async def test_a_model_falls_back_to_another_when_none_of_its_replicas_can(tmp_path: Path) -> None:
    async with upstream("other") as other:
        told = snapshot(
            target(gone()),
            target(other.replica("backup", upstream_model="vendor/large"), deployment="backup"),
            routes=(route(fallbacks=("backup",)),),
        )
        async with gate(tmp_path, told) as gateway:
            got = await gateway.chat()
            assert (got.status_code, got.headers["x-tulou-model"]) == (200, "backup")
            assert other.seen[0].json["model"] == "vendor/large"
            assert other.seen[0].json["messages"] == question()["messages"]


async def say_and(send: Send, *then: bytes) -> None:
    await begin_stream(send)
    for data in then:
        await send({"type": "http.response.body", "body": data, "more_body": True})


def begins(*then: bytes) -> Act:
    async def act(seen: Seen, send: Send) -> None:
        del seen
        await say_and(send, *then)
        raise ConnectionError("killed")

    return act


@pytest.mark.parametrize(
    "first",
    [
        (),
        (b": ping\n\n",),
        (b'data: {"error": {"message": "cuda", "code": 500}}\n\n',),
        (b"data: <html>\n\n",),
        (b'data: {"choices": [{"del',),
    ],
    ids=["nothing", "comments", "error event", "not JSON", "half an event"],
)
async def test_a_stream_that_fails_before_its_first_good_event_fails_over_unseen(
    tmp_path: Path, first: tuple[bytes, ...]
) -> None:
    async with upstream("bad", begins(*first)) as bad, upstream("good") as good:
        told = snapshot(target(bad.replica(), good.replica()), routes=(route(balance="round_robin"),))
        async with gate(tmp_path, told) as gateway:
            for _ in range(2):
                got = await gateway.chat(stream=True)
                assert got.headers["x-tulou-replica"] == "good"
                assert got.text.endswith("data: [DONE]\n\n")
                assert "error" not in got.text


async def test_a_stream_whose_request_is_at_fault_is_answered_with_that_status(tmp_path: Path) -> None:
    bad = begins(b'data: {"error": {"message": "context too long", "type": "x", "code": 400}}\n\n')
    async with upstream("strict", bad) as strict, gate(tmp_path, snapshot(target(strict.replica()))) as gateway:
        got = await gateway.chat(stream=True)
        assert (got.status_code, got.json()["error"]["message"]) == (400, "context too long")
        assert len(strict.seen) == 1


@pytest.mark.parametrize("torn", [b"", b'data: {"choices": [{"del'])
async def test_a_stream_that_breaks_later_ends_with_one_error_event(tmp_path: Path, torn: bytes) -> None:
    bad = begins(chunk("hel"), chunk("lo"), torn)
    async with upstream("bad", bad) as one, gate(tmp_path, told_of(one)) as gateway:
        got = await gateway.chat(stream=True)
        events = [event for event in got.text.split("\n\n") if event]
        assert [event.encode() + b"\n\n" for event in events[:2]] == [chunk("hel"), chunk("lo")]
        assert events[2].startswith('event: error\ndata: {"error":{"message":"the stream broke')
        assert len(events) == 3
        await eventually(lambda: gateway.value("tulou_gateway_errors_total", code="upstream_failed") == 1)


async def test_a_stream_without_empty_line_at_its_end_is_complete(tmp_path: Path) -> None:
    async def act(seen: Seen, send: Send) -> None:
        del seen
        await say_and(send, chunk("hello"))
        await send({"type": "http.response.body", "body": b"data: [DONE]\n"})

    async with upstream("r1", act) as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        assert (await gateway.chat(stream=True)).text.endswith("data: [DONE]\n")


async def endless(seen: Seen, send: Send) -> None:
    del seen
    await begin_stream(send)
    while True:
        await send({"type": "http.response.body", "body": chunk("on and on"), "more_body": True})
        await asyncio.sleep(0.01)


async def leave_in_the_stream(gateway: RunningGate, _: Upstream) -> None:
    async with gateway.http.stream("POST", "/v1/chat/completions", json=question(stream=True), headers=AUTH) as got:
        await anext(got.aiter_bytes())


async def leave_before_the_answer(gateway: RunningGate, one: Upstream) -> None:
    asking = asyncio.create_task(gateway.chat(stream=True))
    await eventually(lambda: one.seen)
    asking.cancel()
    await asyncio.wait([asking])


@pytest.mark.parametrize(("act", "leave"), [(endless, leave_in_the_stream), (hang, leave_before_the_answer)])
async def test_generation_stops_when_the_client_leaves(tmp_path: Path, act: Act, leave: Leave) -> None:
    async with upstream("r1", act) as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        await leave(gateway, one)
        await eventually(lambda: one.left == 1)
        await eventually(lambda: gateway.value("tulou_gateway_client_left_total", tenant="default", model="tiny") == 1)
        assert backend(gateway, "r1").in_flight == 0
        assert gateway.service.turnstile.inside == 0


async def test_a_slow_replica_is_hedged_and_the_loser_is_stopped(tmp_path: Path) -> None:
    async with upstream("slow", hang) as slow, upstream("fast") as fast:
        hedge = route(balance="round_robin", retry=RetryPolicy(hedge_after_s=0.05))
        async with gate(tmp_path, snapshot(target(slow.replica(), fast.replica()), routes=(hedge,))) as gateway:
            got = await gateway.chat(stream=True)
            assert got.headers["x-tulou-replica"] == "fast"
            await eventually(lambda: slow.left == len(slow.seen))  # where it was so slow that it saw nothing yet: 0
            assert backend(gateway, "slow").in_flight == 0


async def many(gateway: RunningGate, count: int) -> list[int]:
    got = await asyncio.gather(*(gateway.chat() for _ in range(count)))
    return sorted(one.status_code for one in got)


async def test_beyond_what_may_wait_requests_are_refused_at_once(tmp_path: Path) -> None:
    go = asyncio.Event()

    async def when_told(seen: Seen, send: Send) -> None:
        await go.wait()
        await answer(seen, send)

    settings = GatewaySettings(in_flight=1, queue=1)
    async with upstream("r1", when_told) as one, gate(tmp_path, told_of(one), settings=settings) as gateway:
        asked = asyncio.create_task(many(gateway, 4))
        await eventually(lambda: gateway.value("tulou_gateway_errors_total", code="overloaded") == 2)
        assert gateway.value("tulou_gateway_queued") == 1
        go.set()
        assert await asked == [200, 200, 503, 503]
        assert gateway.service.turnstile.inside == 0


async def test_a_request_that_waits_too_long_is_refused_with_advice(tmp_path: Path) -> None:
    settings = GatewaySettings(in_flight=1, queue=1, queue_s=0.05)
    async with upstream("r1", hang) as one, gate(tmp_path, told_of(one), settings=settings) as gateway:
        stuck = asyncio.create_task(gateway.chat())
        await eventually(lambda: len(one.seen) == 1)
        got = await gateway.chat()
        assert (got.status_code, got.headers["retry-after"]) == (503, "1")
        stuck.cancel()
        await asyncio.gather(stuck, return_exceptions=True)
