"""A clock that is set back keeps no limit closed: from the next request on, it opens as if used up just then."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.integration.limits.machine import SETTINGS, Control, Gateway
from tests.integration.limits.test_never_exceeded import MEASURES
from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.outbox import MIGRATIONS
from tulou.rules.limits.terms import LimitTerms, terms_of
from tulou.testing.clock import ManualClock

DAY_S = 86_400.0
SILENT_S = SETTINGS.lease_s + SETTINGS.skew_s


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def control(clock: ManualClock, tmp_path: Path) -> AsyncGenerator[Control]:
    async with open_sqlite(f"sqlite:///{tmp_path}/tulou.db") as database:
        await database.migrate([MIGRATIONS, "tulou.services.limits.migrations"])
        control = Control(database, clock)
        await control.start()
        yield control
        await control.close()


async def use_up(gateway: Gateway) -> None:
    """Send until nothing goes through; all of it has ended."""
    while await gateway.send():
        pass
    while gateway.in_flight:
        gateway.settle(0, 1.0)
    await gateway.speak()


def opens_within(terms: LimitTerms, now: float) -> float:
    """Return the seconds after which a limit is open again that was used up, and held, by a gateway that died."""
    match terms.kind:
        case "rate":
            return SILENT_S + terms.period_s
        case "window":
            return terms.ends(now) - now
        case "places":
            return SILENT_S


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize("back_s", [60.0, 3700.0, DAY_S, 400 * DAY_S])
@pytest.mark.parametrize("measure", MEASURES)
async def test_a_limit_opens_again_as_if_nobody_had_set_the_clock(
    control: Control, clock: ManualClock, measure: str, back_s: float, *, crash: bool
) -> None:
    assert control.limits is not None
    limit = MEASURES[measure]
    await control.limits.put_limit(limit)
    dying, living = (Gateway(control, clock, limit, skew_s=0.0) for _ in range(2))
    await use_up(dying)
    dying.crash()
    clock.advance(0.5)

    await control.set_clock(-back_s)
    if crash:
        await control.crash()
    await living.send()  # it runs from when somebody asks
    clock.advance(opens_within(terms_of(limit), control.clock.now()) + 1.1)

    assert await living.send()


async def test_a_clock_that_is_set_back_over_the_end_of_a_day_gives_no_second_amount(
    control: Control, clock: ManualClock
) -> None:
    assert control.limits is not None
    limit = MEASURES["output tokens a day"]
    await control.limits.put_limit(limit)
    gateway = Gateway(control, clock, limit, skew_s=0.0)
    clock.advance(terms_of(limit).ends(clock.now()) + 1.0 - clock.now())
    await use_up(gateway)

    await control.set_clock(-2.0)
    assert not await gateway.send()
    clock.advance(5.0)
    assert not await gateway.send()
