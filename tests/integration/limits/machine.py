"""A house of gateways and an authority in which everything can go wrong, one step at a time."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Literal

from prometheus_client import CollectorRegistry

from tests.integration.limits.gateways import BODY, GRANT
from tulou.chassis.outbox import Outbox
from tulou.chassis.provided import Provided
from tulou.contracts.limits.messages import GetStanding, LeaseShares, Limit, Shares
from tulou.contracts.metering.messages import Units
from tulou.kernel.clock import Clock
from tulou.kernel.errors import ConflictError, LimitedError, UnavailableError
from tulou.ports.allowances import Level, SharedAllowances
from tulou.ports.database import Database
from tulou.services.gateway.quota.counters import QuotaCounters
from tulou.services.gateway.quota.keeper import QuotaKeeper
from tulou.services.gateway.quota.refusals import LimitsAwayError
from tulou.services.gateway.quota.reservation import QuotaReservation
from tulou.services.gateway.quota.rules import LimitRules
from tulou.services.gateway.quota.settings import QuotaSettings
from tulou.services.gateway.stack.call import Call
from tulou.services.limits.component import COMPONENT
from tulou.services.limits.service import LimitsService
from tulou.services.limits.settings import LimitsSettings
from tulou.testing.clock import ManualClock

Fault = Literal["none", "request lost", "reply lost", "told twice", "request slow", "reply slow"]
FAULTS: tuple[Fault, ...] = ("none", "request lost", "reply lost", "told twice", "request slow", "reply slow")
SLOW_S = 4.0
OUTPUT = 10
ROUNDS = 4
SETTINGS = LimitsSettings()


@dataclass(frozen=True, slots=True)
class SkewedClock:
    """A host whose clocks are wrong, by a fixed time."""

    true: Clock
    skew_s: float

    def now(self) -> float:
        return self.true.now() + self.skew_s

    def monotonic(self) -> float:
        return self.true.monotonic() + 1000.0 + self.skew_s


@dataclass(slots=True)
class UnsteadyClock:
    """The authority's, which somebody sets forward and back; what runs down in it does not."""

    true: Clock
    ahead_s: float = 0.0

    def now(self) -> float:
        return self.true.now() + self.ahead_s

    def monotonic(self) -> float:
        return self.true.monotonic()


@dataclass(slots=True, eq=False)
class Request:
    """A request that was let through; `units` is its estimate until it is settled.

    `over`: it belongs to a window before this one. `cut_off`: its gateway may hold what others were given.
    """

    at: float
    units: int
    reservation: QuotaReservation
    in_flight: bool = True
    over: bool = False
    cut_off: bool = False


@dataclass(frozen=True, slots=True)
class Leap:
    """The clock that counts was set forward, by so much; gateways held so much then."""

    at: float
    by_s: float
    held: float


class Control:
    """The authority's process: what is in its memory is lost with each crash."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self._database = database
        self._true = clock
        self.clock = UnsteadyClock(clock)
        self._stack = AsyncExitStack()
        self.crashes: list[tuple[float, float]] = []
        self.leaps: list[Leap] = []
        self.limits: LimitsService | None = None

    async def start(self) -> None:
        """Start, for the first time or again."""
        things: dict[type[object], object] = {
            Database: self._database,
            Outbox: Outbox(self._database, clock=self.clock),
            Clock: self.clock,
            SharedAllowances: SharedAllowances(),
            LimitsSettings: SETTINGS,
        }
        self.limits = await self._stack.enter_async_context(COMPONENT.build(Provided(things)))

    async def crash(self) -> None:
        """Lose everything that is not in the database; remember when, and what gateways held then."""
        held = await self.held()
        await self._stack.aclose()
        self.crashes.append((self._true.now(), held))
        await self.start()

    async def set_clock(self, by_s: float) -> None:
        """Set the clock forward or back."""
        if by_s > 0:
            self.leaps.append(Leap(self._true.now(), by_s, await self.held()))
        self.clock.ahead_s += by_s

    async def held(self) -> float:
        """Return what all gateways hold."""
        assert self.limits is not None
        return sum(one.held for one in (await self.limits.standing(GetStanding())).items)

    async def close(self) -> None:
        """End it."""
        await self._stack.aclose()

    async def lease(self, request: LeaseShares) -> Shares:
        """Count a message."""
        if self.limits is None:
            raise UnavailableError("control is not up")
        return await self.limits.lease(request)


@dataclass(slots=True)
class Wire:
    """Between one gateway and control; `fault` is what befalls the next message."""

    control: Control
    clock: ManualClock
    fault: Fault = "none"
    counted: list[LeaseShares] = field(default_factory=list[LeaseShares])
    heard_at: float = 0.0
    surprised: bool = False  # the clock that counts was set forward, and since then nothing was heard from here

    async def lease(self, request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        """Deliver a message, or something like it."""
        del limits
        if self.fault == "request lost":
            raise UnavailableError("the request was lost")
        if self.fault == "request slow":
            self.clock.advance(SLOW_S)
        shares = await self.control.lease(request)
        if request not in self.counted:
            self.counted.append(request)
            if request.asks:
                self.heard_at = self.clock.now()
                self.surprised = False
        if self.fault == "told twice":
            assert await self.control.lease(request) == shares
        if self.fault == "reply slow":
            self.clock.advance(SLOW_S)
        if self.fault == "reply lost":
            raise UnavailableError("the reply was lost")
        return shares

    async def levels(self, limits: Sequence[Limit]) -> Sequence[Level]:
        """Nobody asks here."""
        del limits
        return ()

    async def forget(self, limit: str) -> None:
        """Nobody asks here."""
        del limit


class Gateway:
    """One gateway process after another in the same place."""

    def __init__(self, control: Control, clock: ManualClock, limit: Limit, *, skew_s: float) -> None:
        self._control = control
        self._clock = clock
        self._limit = limit
        self._skew_s = skew_s
        self.requests: list[Request] = []
        self.start()

    def start(self) -> None:
        """Start, knowing nothing."""
        self.wire = Wire(self._control, self._clock)
        clock = SkewedClock(self._clock, self._skew_s)
        counters = QuotaCounters(CollectorRegistry())
        self.keeper = QuotaKeeper(self.wire, clock=clock, settings=QuotaSettings(ask_s=0.01), counters=counters)
        self.keeper.compile(LimitRules((self._limit,)), price=_a_coin_a_token)

    @property
    def in_flight(self) -> list[Request]:
        """The requests that have not ended."""
        return [request for request in self.requests if request.in_flight]

    def crash(self) -> None:
        """Die: what runs there has used what it might."""
        for request in self.in_flight:
            request.in_flight = False
        self.start()

    def settle(self, number: int, part: float) -> None:
        """End a request that used a part of its estimate."""
        waiting = self.in_flight
        if not waiting:
            return
        request = waiting[number % len(waiting)]
        output = round(OUTPUT * part)
        request.in_flight = False
        if self._limit.measure in ("output_tokens", "cost"):
            request.units = output
        request.reservation.settle(Units(input=0, output=output), output)

    def release(self, number: int) -> None:
        """End a request for which nothing was done."""
        waiting = self.in_flight
        if waiting and self._limit.measure != "requests":
            request = waiting[number % len(waiting)]
            request.in_flight = False
            request.units = 0
            request.reservation.release()

    async def send(self) -> bool:
        """Send a request through; return whether it was let through."""
        call = Call(
            endpoint="chat",
            model="m",
            body=BODY,
            stream=False,
            grant=GRANT,
            request_id="r",
            started=0.0,
        )
        call.allowed = OUTPUT
        bounds = self.keeper.bounds(GRANT, "m", self.keeper.now())
        taken = self.keeper.take(bounds, call, self.keeper.now())
        if taken is None:
            waiting = asyncio.create_task(self.keeper.wait(bounds, call))
            for _ in range(ROUNDS):
                await asyncio.sleep(0)
                if waiting.done():
                    break
                await self.speak()
            await asyncio.sleep(0)
            waiting.cancel()
            try:
                taken = await waiting
            except (asyncio.CancelledError, LimitedError, LimitsAwayError):
                return False
        units = OUTPUT if self._limit.measure in ("output_tokens", "cost") else 1
        self.requests.append(Request(self._clock.now(), units, taken, cut_off=self.wire.surprised))
        return True

    async def speak(self) -> None:
        """Tell what there is to tell; a fault befalls one message."""
        self.keeper.write()
        await self.keeper.tell_once()
        self.wire.fault = "none"

    async def tell_late(self, number: int) -> None:
        """Have a message come once more that was answered long ago."""
        if self.wire.counted:
            try:
                await self._control.lease(self.wire.counted[number % len(self.wire.counted)])
            except ConflictError:
                return


def _a_coin_a_token(model: str, read: int, written: int, *, batch: bool) -> int:
    del model, read, batch
    return written
