"""Whose traffic the overview shows: a tenant's own to its people, all of it to the house's."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tulou.contracts.observability.messages import GetOverview, Overview
from tulou.kernel.context import CONTEXT, NOBODY, Context, HouseActor, KeyActor
from tulou.kernel.errors import ForbiddenError
from tulou.services.observability.service import ObservabilityService
from tulou.services.observability.settings import ObservabilitySettings
from tulou.services.observability.tests.reporting import Gateway, observability
from tulou.testing.clock import ManualClock

HOUSE = Context(actor=KeyActor(tenant="north", principal="ana"), house=True)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def service(clock: ManualClock, tmp_path: Path) -> ObservabilityService:
    return observability(clock, tmp_path)


@contextmanager
def asking(who: Context) -> Generator[None]:
    token = CONTEXT.set(who)
    try:
        yield
    finally:
        CONTEXT.reset(token)


async def seen(service: ObservabilityService, who: Context | str) -> Overview:
    """Return what is shown to somebody, or to whoever is of a tenant."""
    with asking(
        Context(actor=KeyActor(tenant=who, principal="eve"), tenant_wide=True) if isinstance(who, str) else who
    ):
        return await service.overview(GetOverview(seconds=600))


async def tick(service: ObservabilityService, clock: ManualClock, *gateways: Gateway) -> None:
    clock.advance(1)
    for gateway in gateways:
        await service.report(gateway.report())


def rows(overview: Overview) -> list[tuple[str, float, float, float]]:
    return [(model.model, model.requests, model.errors, model.tokens) for model in overview.models]


async def test_tenants_see_their_own_requests_and_the_house_all(
    service: ObservabilityService, clock: ManualClock
) -> None:
    gateways = Gateway("gateway-0"), Gateway("gateway-1")
    await tick(service, clock, *gateways)
    for gateway in gateways:
        gateway.answer("tiny", tenant="north", times=2)
        gateway.answer("tiny", tenant="south", times=3, status="5xx")
    gateways[0].answer("theirs", tenant="south")
    gateways[0].in_flight.set(7)
    await tick(service, clock, *gateways)
    clock.advance(1)

    north, south, house = [await seen(service, who) for who in ("north", "south", HOUSE)]
    assert rows(north) == [("tiny", 4, 0, 40)]
    assert rows(south) == [("tiny", 6, 6, 60), ("theirs", 1, 0, 10)]
    assert rows(house) == [("tiny", 10, 6, 100), ("theirs", 1, 0, 10)]
    for overview, points in ((north, (4, 0, 40)), (south, (7, 6, 70)), (house, (11, 6, 110))):
        assert [(point.requests, point.errors, point.tokens) for point in overview.points] == [points]
    assert [point.in_flight for point in (north.points[0], south.points[0], house.points[0])] == [None, None, 7]
    assert [len(overview.processes) for overview in (north, south, house)] == [0, 0, 2]


async def test_the_house_itself_sees_all_and_somebody_without_a_tenant_nothing(
    service: ObservabilityService, clock: ManualClock
) -> None:
    gateway = Gateway()
    await tick(service, clock, gateway)
    gateway.answer(tenant="north")
    await tick(service, clock, gateway)
    clock.advance(1)
    assert rows(await seen(service, Context(actor=HouseActor(reason="a look"))))
    with pytest.raises(ForbiddenError, match="nobody is known to ask"):
        await seen(service, NOBODY)
    for stranger in (
        Context(actor=KeyActor(tenant="", principal="eve")),
        Context(actor=KeyActor(tenant="south", principal="")),
        Context(actor=KeyActor(tenant="west", principal="eve"), tenant_wide=True),
    ):
        overview = await seen(service, stranger)
        assert (overview.models, overview.processes) == ((), ())
        assert not any(point.requests for point in overview.points)


@pytest.mark.parametrize("name", ["other", "unknown", "~other", "~unknown"])
async def test_what_gateways_count_together_is_shown_to_no_tenant_whatever_its_name(
    service: ObservabilityService, clock: ManualClock, name: str
) -> None:
    gateway = Gateway()
    await tick(service, clock, gateway)
    gateway.answer(tenant="~other", times=5)
    gateway.answer("unknown", tenant="~unknown", times=4, status="4xx")
    await tick(service, clock, gateway)
    clock.advance(1)
    assert rows(await seen(service, name)) == []
    assert rows(await seen(service, HOUSE)) == [("tiny", 5, 0, 50), ("unknown", 4, 4, 40)]


async def test_latencies_are_the_models_in_the_seconds_in_which_a_tenant_asked(
    service: ObservabilityService, clock: ManualClock
) -> None:
    gateway = Gateway()
    await tick(service, clock, gateway)
    gateway.answer("tiny", tenant="north", seconds=0.1)
    gateway.answer("big", tenant="south", seconds=8, times=50)
    await tick(service, clock, gateway)
    gateway.answer("tiny", tenant="south", seconds=8, times=50)
    await tick(service, clock, gateway)
    clock.advance(1)
    north = await seen(service, "north")
    assert [point.p95_ms for point in north.points] == [pytest.approx(98.75), None]
    assert [(model.model, model.p50_ms) for model in north.models] == [("tiny", pytest.approx(87.5))]
    house = await seen(service, HOUSE)
    assert house.points[0].p50_ms == pytest.approx(8725)


async def test_a_model_weighs_as_much_as_the_tenant_asked_it(service: ObservabilityService, clock: ManualClock) -> None:
    gateway = Gateway()
    await tick(service, clock, gateway)
    gateway.answer("tiny", tenant="north", seconds=0.1, times=9)
    gateway.answer("big", tenant="north", seconds=8)
    gateway.answer("big", tenant="south", seconds=8, times=99)
    await tick(service, clock, gateway)
    clock.advance(1)
    [point] = (await seen(service, "north")).points
    assert point.p50_ms is not None
    assert point.p50_ms < 100
    assert point.p95_ms is not None
    assert point.p95_ms > 5000


async def test_latencies_of_models_that_are_counted_together_are_nobodys(clock: ManualClock, tmp_path: Path) -> None:
    service = observability(clock, tmp_path, ObservabilitySettings(max_models=1))
    gateway = Gateway()
    await tick(service, clock, gateway)
    gateway.answer("first", tenant="south")
    gateway.answer("theirs", tenant="south", seconds=8)
    gateway.answer("ours", tenant="north", times=2)
    await tick(service, clock, gateway)
    clock.advance(1)
    north = await seen(service, "north")
    assert rows(north) == [("other", 2, 0, 20)]
    assert (north.models[0].p50_ms, north.points[0].p50_ms) == (None, None)


async def test_clients_that_left_are_no_errors_of_their_tenant(
    service: ObservabilityService, clock: ManualClock
) -> None:
    gateway = Gateway()
    await tick(service, clock, gateway)
    gateway.answer(tenant="north", times=3, status="499")
    gateway.answer(tenant="north", times=1, status="4xx")
    gateway.answer(tenant="south", times=2, status="499")
    await tick(service, clock, gateway)
    clock.advance(1)
    assert rows(await seen(service, "north")) == [("tiny", 4, 1, 40)]
    assert rows(await seen(service, "south")) == [("tiny", 2, 0, 20)]


async def test_where_tenants_are_many_they_look_back_less_far_and_the_house_as_far_as_ever(
    clock: ManualClock, tmp_path: Path
) -> None:
    service = observability(clock, tmp_path, ObservabilitySettings(max_tenant_figures=40))
    gateway = Gateway()
    clock.advance(0.5)  # each report lies in two seconds
    for _ in range(30):
        for tenant in ("north", "south", "west", "east"):
            gateway.answer(tenant=tenant)
        await tick(service, clock, gateway)
    clock.advance(1)
    north, house = await seen(service, "north"), await seen(service, HOUSE)
    assert len(house.points) == 29
    assert len(north.points) == 9
    assert [point.requests for point in north.points] == [1.0] * 9
    assert rows(north) == [("tiny", 9, 0, 90)]


async def test_more_tenants_than_are_kept_in_a_second_leave_them_without_points(
    clock: ManualClock, tmp_path: Path
) -> None:
    service = observability(clock, tmp_path, ObservabilitySettings(max_tenant_figures=1))
    gateway = Gateway()
    for _ in range(20):
        gateway.answer(tenant="north")
        gateway.answer(tenant="south")
        await tick(service, clock, gateway)
    clock.advance(1)
    assert (await seen(service, "north")).models == ()
    assert rows(await seen(service, HOUSE)) == [("tiny", 38, 0, 380)]


async def test_a_report_after_a_long_pause_leaves_nothing_uncounted(
    service: ObservabilityService, clock: ManualClock
) -> None:
    quick, slow = Gateway("quick"), Gateway("slow")
    await tick(service, clock, quick, slow)
    for _ in range(8):
        clock.advance(100)
        await service.report(quick.report())
    slow.answer(tenant="south", times=10)
    await service.report(slow.report())
    quick.answer(tenant="north")
    await tick(service, clock, quick)
    clock.advance(1)
    assert rows(await seen(service, "north")) == [("tiny", 1, 0, 10)]
