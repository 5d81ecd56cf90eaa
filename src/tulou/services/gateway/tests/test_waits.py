"""The gate over real sockets: what is waited for, and what is answered at once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.types import Send

from tulou.contracts.discovery.messages import ReplicaCredential
from tulou.contracts.routing.messages import Deadlines, RetryPolicy, Route, Snapshot, TrafficShare
from tulou.services.gateway.tests.gate import gate, snapshot, target
from tulou.services.gateway.tests.upstream import WHOLE, Act, Seen, Upstream, reply, upstream

ACCOUNT: dict[str, Any] = {
    "provider": "vendor",
    "credentials": (ReplicaCredential(id="a", headers=(("authorization", "Bearer x"),)),),
}


def told_of(*replicas: Upstream, deadlines: Deadlines | None = None, spare: Upstream | None = None) -> Snapshot:
    targets = [target(*(one.replica(**ACCOUNT) for one in replicas))]
    if spare is not None:
        targets.append(target(spare.replica("spare"), deployment="spare"))
    route = Route(
        model="tiny",
        shares=(TrafficShare(deployment="tiny"),),
        fallbacks=("spare",) if spare else (),
        deadlines=deadlines or Deadlines(),
        balance="round_robin",
    )
    return snapshot(*targets, routes=(route,))


def answers(status: int, retry_after: str) -> Act:
    async def act(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, status, {"error": {"message": "later"}}, (b"retry-after", retry_after.encode()))

    return act


async def hang(seen: Seen, send: Send) -> None:
    del seen, send
    await asyncio.Event().wait()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_limit_is_told_to_the_client_at_once_with_the_vendors_time(tmp_path: Path, *, stream: bool) -> None:
    async with upstream("one", answers(429, "30")) as one, gate(tmp_path, told_of(one)) as gateway:
        for _ in range(3):
            got = await gateway.chat(stream=stream)
            assert (got.status_code, got.json()["error"]["code"]) == (429, "rate_limit_exceeded")
            assert 25 <= int(got.headers["retry-after"]) <= 30
        assert len(one.seen) == 1


async def test_a_limit_turns_to_the_next_replica_and_then_to_another_model_at_once(tmp_path: Path) -> None:
    async with (
        upstream("one", answers(429, "30")) as one,
        upstream("two") as two,
        upstream("spare") as spare,
    ):
        both = told_of(one, two, spare=spare)
        free = target(one.replica(provider="vendor"), two.replica(provider="vendor"))
        async with gate(tmp_path, replace(both, targets=(free, both.targets[1]))) as gateway:
            got = [(await gateway.chat()).headers["x-tulou-replica"] for _ in range(4)]
            assert set(got) == {"two"}
            two.act = answers(429, "30")
            assert (await gateway.chat()).headers["x-tulou-model"] == "spare"


async def test_of_several_limits_the_soonest_is_told(tmp_path: Path) -> None:
    async with upstream("one", answers(429, "7")) as one, upstream("two", answers(429, "900")) as two:
        free = target(one.replica(provider="vendor"), two.replica(provider="vendor"))
        async with gate(tmp_path, replace(told_of(one), targets=(free,))) as gateway:
            for _ in range(2):
                assert (await gateway.chat()).headers["retry-after"] == "7"


async def test_a_limit_until_a_date_is_understood(tmp_path: Path) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    async with upstream("one", answers(429, date)) as one, gate(tmp_path, told_of(one)) as gateway:
        assert 550 <= int((await gateway.chat()).headers["retry-after"]) <= 600


@pytest.mark.parametrize("nonsense", ["nan", "inf", "-5", "soon", "1e999", "9" * 400])
async def test_a_time_that_is_none_is_passed_over(tmp_path: Path, nonsense: str) -> None:
    async with upstream("one", answers(429, nonsense)) as one, gate(tmp_path, told_of(one)) as gateway:
        for _ in range(2):
            got = await gateway.chat()
            assert got.status_code == 429
            assert 0 <= int(got.headers.get("retry-after", "0")) <= 86_400


async def test_an_overload_that_will_last_is_told_at_once(tmp_path: Path) -> None:
    async with upstream("one", answers(503, "40")) as one, gate(tmp_path, told_of(one)) as gateway:
        got = await gateway.chat()
        assert (got.status_code, got.headers["retry-after"]) == (502, "40")
        assert len(one.seen) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_the_vendors_words_and_code_are_in_the_error_and_in_each_attempt(tmp_path: Path, *, stream: bool) -> None:
    async def loads(seen: Seen, send: Send) -> None:
        del seen
        words = "model\x00 is being\nloaded" + "x" * 5000
        await reply(send, 503, {"error": {"message": words, "type": "unavailable_error", "code": "model_loading"}})

    async def broken(seen: Seen, send: Send) -> None:
        del seen
        headers = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 502, "headers": headers})
        await send({"type": "http.response.body", "body": b"<html>Bad Gateway</html>"})

    async with upstream("one", broken) as one, upstream("two", loads) as two:
        async with gate(tmp_path, told_of(one, two)) as gateway:
            error = (await gateway.chat(stream=stream)).json()["error"]
            attempts = {attempt["replica"]: attempt for attempt in error["attempts"]}
            assert attempts["one"]["said"] == ""
            assert attempts["two"]["said"].startswith("model is being loadedxxx")
            assert attempts["two"]["said"].endswith("... (model_loading)")
            assert len(error["message"]) < 800
        one.act = loads
        async with gate(tmp_path / "again", told_of(one)) as gateway:
            error = (await gateway.chat(stream=stream)).json()["error"]
            assert "model is being loaded" in error["message"]
            assert "(model_loading)" in error["message"]


async def test_what_a_vendor_says_of_a_credential_is_not_repeated(tmp_path: Path) -> None:
    async def unknown(seen: Seen, send: Send) -> None:
        del seen
        words = "Incorrect API key provided: sk-proj-1234"
        await reply(send, 401, {"error": {"message": words, "type": "x", "code": "invalid_api_key"}})

    async with upstream("one", unknown) as one, gate(tmp_path, told_of(one)) as gateway:
        got = await gateway.chat()
        assert got.status_code == 502
        assert "sk-proj" not in got.text
        assert "invalid_api_key" in got.text


async def test_a_whole_answer_may_take_the_whole_time(tmp_path: Path) -> None:
    done = asyncio.Event()

    async def slow(seen: Seen, send: Send) -> None:
        if seen.json.get("stream"):
            await hang(seen, send)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await done.wait()
        await send({"type": "http.response.body", "body": msgspec.json.encode(WHOLE)})

    deadlines = Deadlines(first_byte_s=0.1, idle_s=0.1, total_s=60)
    async with upstream("one", slow) as one, gate(tmp_path, told_of(one, deadlines=deadlines)) as gateway:
        whole = asyncio.create_task(gateway.chat())
        late = await gateway.chat(stream=True)
        assert late.status_code == 504, "by now the whole answer is later than a first byte may be"
        done.set()
        assert (await whole).status_code == 200


@pytest.mark.parametrize(
    ("stream", "deadlines"),
    [(True, Deadlines(first_byte_s=0.1)), (False, Deadlines(total_s=0.1)), (True, Deadlines(total_s=0.1))],
)
async def test_what_a_vendor_charges_for_is_not_asked_again_after_a_time_out(
    tmp_path: Path, deadlines: Deadlines, *, stream: bool
) -> None:
    async with (
        upstream("one", hang) as one,
        upstream("two", hang) as two,
        gate(tmp_path, told_of(one, two, deadlines=deadlines)) as gateway,
    ):
        got = await gateway.chat(stream=stream)
        assert (got.status_code, got.headers["x-should-retry"]) == (504, "false")
        assert "charges for it" in got.json()["error"]["message"]
        assert len(one.seen) + len(two.seen) == 1


async def test_when_the_time_is_over_no_other_model_is_asked(tmp_path: Path) -> None:
    async with upstream("one", hang) as one, upstream("spare") as spare:
        told = told_of(one, deadlines=Deadlines(total_s=0.1), spare=spare)
        async with gate(tmp_path, told) as gateway:
            assert (await gateway.chat()).status_code == 504
            assert spare.seen == []


@pytest.mark.parametrize("status", [402, 429])
async def test_a_hedged_call_shows_each_credential_once(tmp_path: Path, status: int) -> None:
    both = (*ACCOUNT["credentials"], ReplicaCredential(id="b", headers=(("authorization", "Bearer y"),)))
    async with upstream("one", answers(status, "0")) as one:
        told = told_of(one)
        retry = RetryPolicy(hedge_after_s=60)
        told = snapshot(
            target(one.replica(provider="vendor", credentials=both)), routes=(replace(told.routes[0], retry=retry),)
        )
        async with gate(tmp_path, told) as gateway:
            assert (await gateway.chat()).status_code == status
            assert len(one.seen) == 2


async def test_a_time_out_that_is_charged_for_starts_no_hedge(tmp_path: Path) -> None:
    async with upstream("one", hang) as one, upstream("two") as two:
        told = told_of(one, two, deadlines=Deadlines(first_byte_s=0.1))
        hedging = replace(told.routes[0], retry=RetryPolicy(hedge_after_s=60))
        async with gate(tmp_path, replace(told, routes=(hedging,))) as gateway:
            statuses = [(await gateway.chat(stream=True)).status_code for _ in range(2)]
            assert sorted(statuses) == [200, 504]
            assert len(two.seen) == 1


async def test_what_costs_nobody_anything_is_asked_again(tmp_path: Path) -> None:
    async with upstream("one", hang) as one, upstream("two") as two:
        told = told_of(one, deadlines=Deadlines(first_byte_s=0.1))
        async with gate(tmp_path, replace(told, targets=(target(one.replica(), two.replica()),))) as gateway:
            assert [(await gateway.chat(stream=True)).status_code for _ in range(2)] == [200, 200]
