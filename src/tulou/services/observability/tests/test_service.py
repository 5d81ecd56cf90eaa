"""The house at a glance, made of what its processes report."""

import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tulou.chassis.telemetry.exposition import merge
from tulou.contracts.observability.messages import GetMetrics, GetOverview, MetricsReport
from tulou.kernel.errors import InvalidError, LimitedError, TooLargeError
from tulou.services.observability.service import ObservabilityService
from tulou.services.observability.settings import ObservabilitySettings
from tulou.services.observability.tests.reporting import Gateway, observability
from tulou.testing.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def service(clock: ManualClock, tmp_path: Path) -> ObservabilityService:
    return observability(clock, tmp_path)


async def tick(service: ObservabilityService, clock: ManualClock, *gateways: Gateway, seconds: float = 1.0) -> None:
    clock.advance(seconds)
    for gateway in gateways:
        await service.report(gateway.report())


async def test_rates_are_what_grew_between_two_reports(service: ObservabilityService, clock: ManualClock) -> None:
    gateway = Gateway()
    gateway.answer(times=1000)
    await tick(service, clock, gateway)
    for number in range(5):
        gateway.answer(times=number)
        gateway.in_flight.set(number)
        await tick(service, clock, gateway)
    clock.advance(1)
    overview = await service.overview(GetOverview(seconds=60))
    assert [point.requests for point in overview.points] == [0, 1, 2, 3, 4]
    assert [point.tokens for point in overview.points] == [0, 10, 20, 30, 40]
    assert [point.in_flight for point in overview.points] == [0, 1, 2, 3, 4]
    assert overview.points[0].p50_ms is None
    assert overview.points[4].p50_ms == pytest.approx(87.5)


async def test_gateways_are_summed_and_refusals_are_errors(service: ObservabilityService, clock: ManualClock) -> None:
    gateways = Gateway("gateway-0"), Gateway("gateway-1")
    await tick(service, clock, *gateways)
    gateways[0].answer(times=3)
    gateways[1].answer(times=2, status="5xx")
    gateways[1].answer("big", times=1, status="4xx", seconds=2)
    await tick(service, clock, *gateways)
    clock.advance(1)
    overview = await service.overview(GetOverview())
    assert (overview.points[-1].requests, overview.points[-1].errors) == (6, 3)
    assert [(model.model, model.requests, model.errors) for model in overview.models] == [("tiny", 5, 2), ("big", 1, 1)]
    assert overview.models[1].p95_ms == pytest.approx(2425)
    assert [process.source for process in overview.processes] == ["gateway-0", "gateway-1"]
    assert overview.processes[0].resident_bytes == 50_000_000


async def test_a_client_that_left_is_a_request_and_no_error(service: ObservabilityService, clock: ManualClock) -> None:
    gateway = Gateway()
    await tick(service, clock, gateway)
    gateway.answer(times=3, status="499")
    gateway.answer(times=1, status="4xx")
    await tick(service, clock, gateway)
    clock.advance(1)
    [point] = (await service.overview(GetOverview())).points
    assert (point.requests, point.errors) == (4, 1)


async def test_a_process_that_began_again_is_counted_from_zero(
    service: ObservabilityService, clock: ManualClock
) -> None:
    old = Gateway()
    old.answer(times=50)
    await tick(service, clock, old)
    new = Gateway()
    new.answer(times=2)
    await tick(service, clock, new)
    clock.advance(1)
    assert [point.requests for point in (await service.overview(GetOverview())).points] == [2]


async def test_growth_over_a_pause_is_spread_over_its_seconds(
    service: ObservabilityService, clock: ManualClock
) -> None:
    gateway = Gateway()
    clock.advance(0.5)
    await tick(service, clock, gateway)
    gateway.answer(times=40)
    await tick(service, clock, gateway, seconds=4)
    clock.advance(1.5)
    points = (await service.overview(GetOverview())).points
    assert [point.requests for point in points] == [5, 10, 10, 10, 5]


async def test_a_silent_process_is_forgotten_after_ten_seconds(
    service: ObservabilityService, clock: ManualClock
) -> None:
    await tick(service, clock, Gateway("quick"), Gateway("late"))
    await tick(service, clock, Gateway("quick"), seconds=9)
    await tick(service, clock, seconds=1.5)
    assert [process.source for process in (await service.overview(GetOverview())).processes] == ["quick"]
    assert 'process="late"' not in (await service.metrics(GetMetrics())).text


async def test_merging_what_many_processes_report_is_no_work_of_the_loop(
    service: ObservabilityService, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def merging(reports: Mapping[str, str]) -> str:
        threads.append(threading.get_ident())
        return merge(reports)

    monkeypatch.setattr("tulou.services.observability.service.merge", merging)
    await tick(service, clock, Gateway("one"), Gateway("two"))
    assert 'process="two"' in (await service.metrics(GetMetrics())).text
    assert threads != [threading.get_ident()]


async def test_no_more_than_ten_minutes_are_kept(service: ObservabilityService, clock: ManualClock) -> None:
    gateway = Gateway()
    for _ in range(700):
        gateway.answer()
        await tick(service, clock, gateway)
    assert len((await service.overview(GetOverview(seconds=600))).points) <= 600
    with pytest.raises(InvalidError, match="1 to 600"):
        await service.overview(GetOverview(seconds=601))


async def test_many_models_are_bounded_and_the_rest_are_other(clock: ManualClock, tmp_path: Path) -> None:
    service = observability(clock, tmp_path, ObservabilitySettings(max_models=2))
    gateway = Gateway()
    await tick(service, clock, gateway)
    for model in ("a", "b", "c", "d"):
        gateway.answer(model)
    await tick(service, clock, gateway)
    clock.advance(1)
    models = {model.model: model.requests for model in (await service.overview(GetOverview())).models}
    assert models == {"a": 1, "b": 1, "other": 2}


async def test_reports_beyond_the_caps_are_refused(clock: ManualClock, tmp_path: Path) -> None:
    service = observability(clock, tmp_path, ObservabilitySettings(max_sources=1, max_report_bytes=10))
    await service.report(MetricsReport(source="a", kind="replica", text="x 1\n"))
    with pytest.raises(LimitedError, match="'b' is not taken"):
        await service.report(MetricsReport(source="b", kind="replica", text="x 1\n"))
    with pytest.raises(TooLargeError, match="max_report_bytes"):
        await service.report(MetricsReport(source="a", kind="replica", text="x 1234567890\n"))
    clock.advance(11)
    await service.report(MetricsReport(source="b", kind="replica", text="x 1\n"))


async def test_the_metrics_of_the_house_are_valid_prometheus_text(
    service: ObservabilityService, clock: ManualClock
) -> None:
    gateways = Gateway("gateway-0"), Gateway("gateway-1")
    for gateway in gateways:
        gateway.answer()
    await tick(service, clock, *gateways)
    families = {
        family.name: family for family in text_string_to_metric_families((await service.metrics(GetMetrics())).text)
    }
    assert len(families["tulou_gateway_requests"].samples) == 2
    assert families["tulou_gateway_request_duration_seconds"].type == "histogram"
