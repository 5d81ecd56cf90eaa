"""Four gateway processes, one authority, kill -9: limits hold, and what they allow can be used.

The figures that this logs, shown with `-s`, are those of docs/howto/limits.md.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from tests.integration.limits.drill import ControlProcess, Worker, exceeded_by, through, workers
from tests.integration.limits.gateways import TOKEN, limit
from tests.integration.limits.worker import allowances
from tulou.chassis.clients import client_of
from tulou.chassis.transports import HttpTransport
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import Limit
from tulou.kernel.errors import UnavailableError
from tulou.kernel.ids import new_id
from tulou.rules.limits.terms import window
from tulou.testing.eventually import eventually
from tulou.testing.http import http_client
from tulou.testing.servers.redis import RedisServer

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

QUOTA = limit("quota", scope="house", period="day", amount=2_000, away="refuse")
RATE = limit("rate", scope="house", period="second", amount=40, away="refuse")
RATE_S = 10.0


@dataclass(slots=True)
class Authority:
    """Whoever counts: at a URL, and a process that may be killed where it is ours."""

    url: str
    control: ControlProcess | None = None

    async def declare(self, declared: Limit) -> None:
        if self.control is None:
            return
        async with http_client() as http:
            client = client_of(Limits, HttpTransport(self.url, http, token=TOKEN))

            async def put() -> bool:
                try:
                    return bool(await client.put_limit(declared))
                except UnavailableError:
                    return False

            await eventually(put)


@pytest.fixture(params=["control", "redis"])
async def authority(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Authority]:
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis")
        yield Authority(f"{server.url}?prefix={new_id('drill')}")
        return
    control = ControlProcess(tmp_path)
    await control.start()
    yield Authority(control.url, control)
    await control.close()


async def all_at_work(started: list[Worker]) -> None:
    """Wait until each has let something through since it was started."""
    seen = [len(worker.through) for worker in started]
    await eventually(
        lambda: all(len(worker.through) > before for worker, before in zip(started, seen, strict=True)),
    )


async def used_up(authority: Authority, quota: Limit) -> None:
    """Wait until all of a quota is used, also what those held who were killed."""
    async with AsyncExitStack() as stack:
        counted = await allowances(authority.url, stack)

        async def nothing_is_left() -> bool:
            try:
                levels = await counted.levels([quota])
            except UnavailableError:
                return False
            return [(level.used, level.held) for level in levels] == [(quota.amount, 0)]

        await eventually(nothing_is_left)


def most(quota: Limit, moments: Sequence[float]) -> float:
    """Return how much a quota allowed in that time: a day more, if midnight was in it."""
    return quota.amount * len({window(quota.period, moment) for moment in (moments[0], moments[-1])})


async def test_a_quota_can_be_used_to_its_end_by_all_together(authority: Authority) -> None:
    await authority.declare(QUOTA)
    async with workers(authority.url, [QUOTA]) as started:
        await used_up(authority, QUOTA)
    moments = through(started)
    log.info("quota_used", through=len(moments), of=QUOTA.amount, by=[len(worker.through) for worker in started])
    assert 0.9 * QUOTA.amount <= len(moments) <= most(QUOTA, moments)


async def test_a_quota_holds_while_gateways_and_control_are_killed(authority: Authority) -> None:
    quota = limit("quota", scope="house", period="day", amount=20_000, away="refuse")
    await authority.declare(quota)
    async with workers(authority.url, [quota]) as started:
        await eventually(lambda: bool(through(started)))
        for worker in started[:3]:
            await worker.kill()
            await worker.start()
            if authority.control is not None:
                await authority.control.kill()
                await authority.control.start()
        await used_up(authority, quota)
    moments = through(started)
    log.info("quota_used_under_fire", through=len(moments), of=quota.amount)
    assert len(moments) <= most(quota, moments)


async def test_a_rate_holds_while_gateways_are_killed_and_can_be_used(authority: Authority) -> None:
    await authority.declare(RATE)
    async with workers(authority.url, [RATE]) as started:
        await all_at_work(started)
        for worker in started[:2]:
            await worker.kill()
            await worker.start()
            await asyncio.sleep(RATE_S / 2)  # that is what a rate is about
    moments = through(started)
    span_s = moments[-1] - moments[0]
    over = exceeded_by(moments, RATE.amount, RATE.amount)
    log.info("rate_used", through=len(moments), span_s=round(span_s, 2), of=RATE.amount * (1 + span_s), over=over)
    assert over <= 1e-3
    assert len(moments) >= 0.5 * RATE.amount * span_s  # about all of it, where processes get to run when they want to
