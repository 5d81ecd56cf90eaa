"""What observability promises, however it is reached."""

from collections.abc import AsyncGenerator

import pytest

from tests.contracts.bindings import Binding, opened
from tulou.contracts.observability.api import Observability
from tulou.contracts.observability.messages import GetMetrics, GetOverview, MetricsReport, ReadLogs
from tulou.kernel.errors import InvalidError, NotFoundError, TooLargeError
from tulou.services.observability.component import COMPONENT
from tulou.services.observability.settings import ObservabilitySettings
from tulou.testing.house import SmallHouse


@pytest.fixture
async def observability(house: SmallHouse, binding: Binding) -> AsyncGenerator[Observability]:
    things = {ObservabilitySettings: ObservabilitySettings(max_report_bytes=1000)}
    async with opened(COMPONENT, house, binding, things) as reached:
        yield reached


def report(requests: int) -> MetricsReport:
    text = f'tulou_gateway_requests_total{{model="tiny",endpoint="chat",status_class="2xx"}} {requests}\n'
    return MetricsReport(source="gateway-0", kind="gateway", text=f"{text}process_cpu_seconds_total 1.5\n")


async def test_what_processes_report_becomes_points_and_one_text(
    observability: Observability, house: SmallHouse
) -> None:
    for requests in (10, 13, 20):
        await observability.report(report(requests))
        house.clock.advance(1)
    overview = await observability.overview(GetOverview(seconds=30))
    assert [(point.requests, point.p50_ms) for point in overview.points] == [(3, None), (7, None)]
    assert [(model.model, model.requests) for model in overview.models] == [("tiny", 10)]
    assert [(process.source, process.cpu_seconds) for process in overview.processes] == [("gateway-0", 1.5)]
    assert 'process="gateway-0",model="tiny"' in (await observability.metrics(GetMetrics())).text


async def test_logs_are_read_from_the_house(observability: Observability, house: SmallHouse) -> None:
    folder = house.house().log
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "control.log").write_text('{"ts":"1","event":"started"}\n')
    read = await observability.logs(ReadLogs(process="control"))
    assert (read.lines, read.processes) == (('{"ts":"1","event":"started"}',), ("control",))


async def test_errors_keep_their_class_and_field(observability: Observability) -> None:
    with pytest.raises(InvalidError) as refused:
        await observability.overview(GetOverview(seconds=0))
    assert refused.value.param == "seconds"
    with pytest.raises(NotFoundError, match="no process named 'ghost' has logs"):
        await observability.logs(ReadLogs(process="ghost"))
    with pytest.raises(TooLargeError, match="max_report_bytes"):
        await observability.report(MetricsReport(source="a", kind="replica", text="x" * 1001))
