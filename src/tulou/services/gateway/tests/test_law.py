"""Policies and limits, where they stand in the stack: before anything is done for a request, and settled after."""

import asyncio
from dataclasses import replace
from pathlib import Path

from starlette.types import Send

from tulou.contracts.governance.messages import PolicySet, Role
from tulou.contracts.limits.messages import Limit
from tulou.services.gateway.tests.gate import RunningGate, gate, grant, snapshot, target
from tulou.services.gateway.tests.upstream import Seen, Upstream, upstream
from tulou.testing.eventually import eventually

REQUESTS = Limit(name="per-day", scope="key", measure="requests", amount=2, period="day")
TOKENS = Limit(name="tokens", scope="key", measure="tokens", amount=1_000_000, period="day")
DEVELOPER = Role(name="developer", title="Developer", permissions=("models:use",))


async def test_a_limit_refuses_what_is_beyond_it_with_its_headers_and_its_name(tmp_path: Path) -> None:
    async with upstream() as one:
        told = replace(snapshot(target(one.replica())), limits=(REQUESTS,))
        async with gate(tmp_path, told) as running:
            running.allowances.left["per-day"] = 2
            for _ in range(2):
                got = await running.chat()
                assert got.status_code == 200
                assert got.headers["x-ratelimit-limit-requests"] == "2"
            refused = await running.chat()
            assert (refused.status_code, refused.json()["error"]["code"]) == (429, "insufficient_quota")
            assert "x-ratelimit-remaining-requests" in refused.headers
            assert "retry-after" in refused.headers
            assert len(one.seen) == 2
            await eventually(lambda: len(running.metering.entries) == 3)
            assert sorted(entry.refused_by for entry in running.metering.entries.values()) == ["", "", "per-day"]


async def test_what_was_used_is_settled_whether_the_client_stays_or_leaves(tmp_path: Path) -> None:
    waiting = asyncio.Event()

    async with upstream() as one:
        told = replace(snapshot(target(one.replica())), limits=(TOKENS,))
        async with gate(tmp_path, told) as running:
            running.allowances.left["tokens"] = 1_000_000
            assert (await running.chat()).status_code == 200
            assert (await running.chat(stream=True)).status_code == 200
            await eventually(lambda: running.allowances.used.get("tokens", 0) == 20)
            one.act = _hang(waiting)
            asking = asyncio.create_task(running.chat())
            await waiting.wait()
            asking.cancel()
            await eventually(lambda: 20 < running.allowances.used.get("tokens", 0) < 30)


def _hang(waiting: asyncio.Event):  # noqa: ANN202 - an act
    async def act(seen: Seen, send: Send) -> None:
        del seen, send
        waiting.set()
        await asyncio.Event().wait()

    return act


async def asked(running: RunningGate, one: Upstream, role: str) -> int:
    told = replace(
        snapshot(target(one.replica()), grants=(grant(roles=(role,)),)),
        policies=PolicySet(roles=(DEVELOPER,)),
        revision=len(one.seen) + 2,
    )
    await running.tell(told)
    return (await running.chat()).status_code


async def test_a_principal_needs_a_role_that_may_use_models(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as running:
        assert await asked(running, one, "developer") == 200
        assert await asked(running, one, "auditor") == 403
        assert len(one.seen) == 1
        await eventually(lambda: len(running.metering.entries) == 2)
        assert sorted(entry.refused_by for entry in running.metering.entries.values()) == ["", "policy_denied"]
