"""Labels that are bounded, and reports that survive an absent control process."""

import asyncio
import itertools
from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families

from tulou.chassis.telemetry.metrics import (
    OTHERS,
    PART,
    CappedLabel,
    ProcessCollector,
    metrics_text,
    metrics_text_gently,
    report_forever,
)
from tulou.contracts.observability.messages import (
    GetMetrics,
    GetOverview,
    LogLines,
    MetricsReport,
    MetricsText,
    Overview,
    ReadLogs,
)
from tulou.kernel.errors import UnavailableError
from tulou.kernel.message import Done


class Listener:
    """Takes reports, or fails as many times as it is told to first."""

    def __init__(self, enough: int, failures: int = 0) -> None:
        self.reports: list[MetricsReport] = []
        self.failures = failures
        self.done = asyncio.Event()
        self._enough = enough

    async def report(self, request: MetricsReport) -> Done:
        if self.failures:
            self.failures -= 1
            raise UnavailableError("control is away") if self.failures else OSError("no more file descriptors")
        self.reports.append(request)
        if len(self.reports) == self._enough:
            self.done.set()
        return Done()

    async def metrics(self, request: GetMetrics) -> MetricsText:
        raise NotImplementedError(request)

    async def overview(self, request: GetOverview) -> Overview:
        raise NotImplementedError(request)

    async def logs(self, request: ReadLogs) -> LogLines:
        raise NotImplementedError(request)


async def reports_of(listener: Listener, registry: CollectorRegistry) -> list[MetricsReport]:
    task = asyncio.create_task(
        report_forever(listener, source="gateway-0", kind="gateway", registry=registry, every_s=0.001)
    )
    async with asyncio.timeout(60):
        await listener.done.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return listener.reports


async def test_a_report_is_said_again_and_again_until_cancelled() -> None:
    registry = CollectorRegistry()
    Counter("tulou_test_things", "Things.", registry=registry).inc(3)
    reports = await reports_of(Listener(3), registry)
    assert {(report.source, report.kind) for report in reports} == {("gateway-0", "gateway")}
    assert "tulou_test_things_total 3.0" in reports[-1].text
    assert "_created" not in reports[-1].text


async def test_reports_go_on_when_control_comes_back_and_none_has_piled_up() -> None:
    listener = Listener(1, failures=3)
    assert len(await reports_of(listener, CollectorRegistry())) == 1


async def test_text_made_gently_is_the_same_and_lets_others_work_in_between() -> None:
    registry = CollectorRegistry()
    Counter("tulou_test_a", "Things.", registry=registry).inc()
    many = Counter("tulou_test_b", "Many\nthings.", ["name"], registry=registry)
    for number in range(2 * PART + 1):
        many.labels(f"thing\n{number}").inc(number)
    turns = itertools.count()

    async def work() -> None:
        for _ in turns:
            await asyncio.sleep(0)

    working = asyncio.create_task(work())
    text = await metrics_text_gently(registry)
    working.cancel()
    assert next(turns) >= 4
    assert text == metrics_text(registry)


def test_values_beyond_the_cap_are_counted_as_other() -> None:
    label = CappedLabel(2)
    named: Callable[[str], str] = label
    assert [named(name) for name in ("a", "b", "c", "a", "d")] == ["a", "b", "other", "a", "other"]
    label.forget("a")
    assert [named(name) for name in ("c", "a")] == ["c", "other"]
    assert CappedLabel(0, rest=OTHERS)("a") == "~other"


def test_a_process_tells_what_it_costs() -> None:
    registry = CollectorRegistry()
    registry.register(ProcessCollector())
    families = {
        family.name: family.samples[0].value for family in text_string_to_metric_families(metrics_text(registry))
    }
    assert families["process_resident_memory_bytes"] > 1_000_000
    assert families["process_cpu_seconds"] > 0
    assert families["process_open_fds"] > 2
    assert families["process_start_time_seconds"] > 1_000_000_000
