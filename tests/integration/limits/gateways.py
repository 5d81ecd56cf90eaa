"""Gateways for tests: real keepers over the real contract. A drill starts dozens: only what they need is imported."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from prometheus_client import CollectorRegistry

from tulou.contracts.discovery.messages import Replica
from tulou.contracts.limits.api import Limits
from tulou.contracts.limits.messages import LeaseShares, Limit, Shares
from tulou.contracts.metering.messages import Units
from tulou.contracts.routing.messages import Endpoint, Grant
from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.errors import UnavailableError
from tulou.ports.allowances import Allowances, Level
from tulou.services.gateway.quota.counters import QuotaCounters
from tulou.services.gateway.quota.keeper import QuotaKeeper
from tulou.services.gateway.quota.reservation import QuotaReservation
from tulou.services.gateway.quota.rules import LimitRules
from tulou.services.gateway.quota.settings import QuotaSettings
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call
from tulou.services.gateway.stack.quota import QuotaStage

GRANT = Grant(key="key_1", digest="00", tenant="default", principal="ana", scopes=("inference",), project="app")
BODY = b'{"model": "m", "max_tokens": 10, "messages": "xxxxxxxxxxxxxxxxxxxx"}'
BACKEND = Backend(Replica(id="r1", deployment="m", generation=1, url="http://127.0.0.1:9"), clock=SystemClock())
TOKEN = "drill"
OUTPUT = 10
"""How many tokens a request of these tests may have for its answer, if it says so."""


@dataclass(slots=True)
class Wire:
    """Passes messages on while it is whole, and when it answers; keeps them, for a test to look at."""

    inner: Allowances
    whole: bool = True
    answers: asyncio.Event | None = None
    heard: list[LeaseShares] = field(default_factory=list[LeaseShares])
    answered: int = 0

    async def lease(self, request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        if not self.whole:
            raise UnavailableError("the wire is cut")
        self.heard.append(request)
        if self.answers is not None:
            await self.answers.wait()
        shares = await self.inner.lease(request, limits)
        self.answered += 1
        return shares

    async def levels(self, limits: Sequence[Limit]) -> Sequence[Level]:
        return await self.inner.levels(limits)

    async def forget(self, limit: str) -> None:
        await self.inner.forget(limit)


@dataclass(slots=True)
class Gate:
    """A gateway's keeper, and the stage that stands before everything else here."""

    keeper: QuotaKeeper
    wire: Wire
    seen: list[Call] = field(default_factory=list[Call])
    allowed: int | None = OUTPUT

    async def pass_through(self, *, grant: Grant = GRANT, model: str = "m", endpoint: Endpoint = "chat") -> Call:
        """Send a request through the stage; it stays in flight until its reservation is ended."""
        call = Call(endpoint=endpoint, model=model, body=BODY, stream=False, grant=grant, request_id="r", started=0.0)
        call.allowed = self.allowed
        self.seen.append(call)

        async def inner(call: Call) -> Answer:
            del call
            return Answer(200, [], b"{}", BACKEND)

        await QuotaStage(inner, model, self.keeper)(call)
        return call

    async def use(self, tokens: int = 10, cost: int = 0, *, grant: Grant = GRANT) -> Call:
        """Send a request through, and settle it."""
        call = await self.pass_through(grant=grant)
        reservation_of(call).settle(Units(input=0, output=tokens), cost)
        return call


def reservation_of(call: Call) -> QuotaReservation:
    """Return what was set aside for a call."""
    assert isinstance(call.reservation, QuotaReservation)
    return call.reservation


@asynccontextmanager
async def gate(
    allowances: Allowances,
    clock: Clock,
    declared: Sequence[Limit] = (),
    settings: QuotaSettings | None = None,
) -> AsyncGenerator[Gate]:
    """Run a gateway's keeper under limits that a snapshot has told it."""
    wire = Wire(allowances)
    keeper = QuotaKeeper(
        wire, clock=clock, settings=settings or QuotaSettings(), counters=QuotaCounters(CollectorRegistry())
    )
    keeper.compile(LimitRules(declared))
    running = asyncio.create_task(keeper.run())
    try:
        yield Gate(keeper, wire)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def limit(name: str = "limit", **changes: object) -> Limit:
    """Return a limit of 10 requests a minute for each key, or as the changes say."""
    return replace(Limit(name=name, scope="key", measure="requests", amount=10, period="minute"), **changes)


async def declare(limits: Limits, *declared: Limit) -> list[Limit]:
    """Put limits, and return them as a snapshot would have them."""
    return [await limits.put_limit(one) for one in declared]
