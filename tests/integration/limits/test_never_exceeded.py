"""No measure is exceeded by more than is stated, whatever crashes, is lost, comes twice, or lies about the time.

Real keepers speak with the real authority on a real database; a machine chooses what happens next. Counted is what was
let through, when it was let through, by how much it turned out to be. The bounds are those of docs/howto/limits.md:

* windows: the amount, exactly
* rates: in any span of time, the amount and what drains in the span; where the rate is of a second or a minute, also
  what gateways held at each crash of the authority in that span
* places: the amount, not counting requests of a gateway that was cut off until its lease had run out

Where the clock that counts is set forward and back, setting it back adds nothing to this. Setting it forward frees what
it passes over: of a rate what drains in that time, at most the amount; of a window all, if it passes an end; and what
gateways held then may be spent besides.
"""

import asyncio
import shutil
from collections.abc import Generator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.integration.limits.gateways import limit
from tests.integration.limits.machine import FAULTS, SETTINGS, SLOW_S, Control, Fault, Gateway
from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.outbox import MIGRATIONS
from tulou.contracts.limits.messages import Limit
from tulou.rules.limits.terms import terms_of
from tulou.testing.clock import ManualClock

SKEWS = (0.0, 2.0, -2.0)
MEASURES = {
    "requests a second": limit(amount=5, period="second", away="refuse"),
    "requests a minute": limit(amount=12, away="refuse"),
    "output tokens a minute": limit(measure="output_tokens", amount=60, away="refuse"),
    "requests an hour": limit(amount=12, period="hour", away="refuse"),
    "output tokens a day": limit(measure="output_tokens", amount=130, period="day", away="refuse"),
    "money a month": limit(measure="cost", amount=0.000_131, period="month"),
    "requests at once": limit(measure="concurrency", amount=4, period="none", away="refuse"),
}
ROUNDING = 1e-3
"""Units: rates are kept as times, exact to a quarter of a microsecond, and added up a few hundred times here."""

gateways = st.integers(0, len(SKEWS) - 1)


@pytest.fixture(scope="module")
def template() -> Generator[Path]:
    """A database with its tables made, to be copied."""
    with TemporaryDirectory(prefix="tulou-limits-") as name:
        file = Path(name) / "template.db"

        async def make() -> None:
            async with open_sqlite(f"sqlite:///{file}") as database:
                await database.migrate([MIGRATIONS, "tulou.services.limits.migrations"])

        asyncio.run(make())
        yield file


class House(RuleBasedStateMachine):
    """The machine; a test sets the limit and the database to copy."""

    limit: ClassVar[Limit]
    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.clock = ManualClock()
        self.terms = terms_of(self.limit)
        self.window = 0.0
        self.besides = 0.0

    @initialize()
    def open(self) -> None:
        self.runner.run(self._open())

    async def _open(self) -> None:
        folder = Path(self.stack.enter_context(TemporaryDirectory(prefix="tulou-limits-")))
        shutil.copy(self.template, folder / "tulou.db")
        database = await self.stack.enter_async_context(open_sqlite(f"sqlite:///{folder}/tulou.db"))
        self.control = Control(database, self.clock)
        await self.control.start()
        self.stack.push_async_callback(self.control.close)
        assert self.control.limits is not None
        await self.control.limits.put_limit(self.limit)
        self.window = self._begun()
        self.gateways = [Gateway(self.control, self.clock, self.limit, skew_s=skew) for skew in SKEWS]

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    @rule(gateway=gateways, times=st.integers(1, 12))
    def send(self, gateway: int, times: int) -> None:
        for _ in range(times):
            if not self.runner.run(self.gateways[gateway].send()):
                break
        self._note_the_window()

    @rule(gateway=gateways, number=st.integers(0, 9), part=st.floats(0, 1))
    def settle(self, gateway: int, number: int, part: float) -> None:
        self.gateways[gateway].settle(number, part)

    @rule(gateway=gateways, number=st.integers(0, 9))
    def release(self, gateway: int, number: int) -> None:
        self.gateways[gateway].release(number)

    @rule(gateway=gateways, fault=st.sampled_from(FAULTS))
    def speak(self, gateway: int, fault: Fault) -> None:
        self.gateways[gateway].wire.fault = fault
        self.runner.run(self.gateways[gateway].speak())
        self._note_who_is_cut_off()
        self._note_the_window()

    @rule(gateway=gateways, fault=st.sampled_from(FAULTS))
    def spoil(self, gateway: int, fault: Fault) -> None:
        self.gateways[gateway].wire.fault = fault

    @rule(gateway=gateways, number=st.integers(0, 30))
    def tell_late(self, gateway: int, number: int) -> None:
        self.runner.run(self.gateways[gateway].tell_late(number))

    @rule(seconds=st.sampled_from((0.05, 0.3, 1.1, 5.0, 9.9, 12.1, 61.0, 3700.0, 86_400.0)))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self._note_who_is_cut_off()
        self._note_the_window()

    @rule(gateway=gateways)
    def crash_gateway(self, gateway: int) -> None:
        self.gateways[gateway].crash()

    @rule()
    def crash_control(self) -> None:
        self.runner.run(self.control.crash())

    @invariant()
    def nothing_is_exceeded(self) -> None:
        match self.terms.kind:
            case "window":
                self._check_window()
            case "rate":
                self._check_rate()
            case "places":
                self._check_places()

    def _check_window(self) -> None:
        through = sum(one.units for gateway in self.gateways for one in gateway.requests if not one.over)
        assert through <= self.terms.capacity + self.besides

    def _check_rate(self) -> None:
        """Hold every span that ends now to the bound; those that ended earlier were held to it then."""
        requests = sorted((one for gateway in self.gateways for one in gateway.requests), key=lambda one: one.at)
        crashes = self.control.crashes if self.terms.period in ("second", "minute") else []
        if not requests:
            return
        end, through = requests[-1].at, 0
        for one in reversed(requests):
            through += one.units
            held = sum(held for at, held in crashes if one.at <= at <= end)
            drained = (end - one.at) / self.terms.unit_s
            leaps = [leap for leap in self.control.leaps if one.at <= leap.at <= end]
            freed = sum(leap.held + min(self.terms.capacity, leap.by_s / self.terms.unit_s) for leap in leaps)
            assert through <= self.terms.capacity + held + drained + freed + ROUNDING

    def _check_places(self) -> None:
        inside = [one for gateway in self.gateways for one in gateway.in_flight if not one.cut_off]
        assert len(inside) <= self.terms.capacity

    def _begun(self) -> float:
        return self.terms.begins(self.control.clock.now())

    def _note_the_window(self) -> None:
        """Count from nothing when a window ends, but for what gateways held that were not told so soon."""
        before, self.window = self.window, self._begun()
        if self.window <= before:
            return
        recent = self.clock.now() - SETTINGS.lease_s - 2 * SLOW_S
        self.besides = max((leap.held for leap in self.control.leaps if leap.at >= recent), default=0.0)
        for gateway in self.gateways:
            for one in gateway.requests:
                one.over = True

    def _note_who_is_cut_off(self) -> None:
        """Requests whose gateway was silent until its lease and the skew had passed may overlap with others."""
        for gateway in self.gateways:
            if self.clock.now() >= gateway.wire.heard_at + SETTINGS.lease_s + SETTINGS.skew_s:
                for one in gateway.in_flight:
                    one.cut_off = True


class UnsteadyHouse(House):
    """One in which somebody sets the clock."""

    @rule(seconds=st.sampled_from((-1.5, -61.0, -3700.0, -86_400.0, -40 * 86_400.0, 1.5, 61.0, 3700.0, 86_400.0)))
    def set_clock(self, seconds: float) -> None:
        self.runner.run(self.control.set_clock(seconds))
        self._note_the_window()
        if seconds < 0:
            return
        for gateway in self.gateways:
            gateway.wire.surprised = True
            for one in gateway.in_flight:
                one.cut_off = True


@pytest.mark.parametrize("house", [House, UnsteadyHouse])
@pytest.mark.parametrize("measure", MEASURES)
def test_no_measure_is_exceeded(measure: str, house: type[House], template: Path) -> None:
    machine = type("TheHouse", (house,), {"limit": MEASURES[measure], "template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
        ),
    )
