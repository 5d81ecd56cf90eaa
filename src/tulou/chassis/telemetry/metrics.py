"""Metrics of this process: what it costs, label sets that cannot grow without end, and the report each second."""

import asyncio
import copy
import random
from collections.abc import Iterable, Iterator

import psutil
import structlog
from prometheus_client import CollectorRegistry, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tulou.contracts.observability.api import Observability
from tulou.contracts.observability.messages import MetricsReport, SourceKind
from tulou.kernel.errors import TulouError

log = structlog.get_logger()
REPORT_EVERY_S = 1.0
REPORT_TIMEOUT_S = 3.0
REPORT_BACKOFF_S = 5.0
"""Half of the ten seconds after which a silent process is forgotten, so that one late report changes nothing."""
PART = 500
"""Lines that are written at a stretch: about 4 ms."""
OTHER = "other"
OTHERS = "~other"
NOBODY = "~unknown"
NO_TENANTS = frozenset({OTHERS, NOBODY, ""})
"""What the label `tenant` says of tenants beyond the cap, and of requests that were refused before theirs was known. No
tenant can have such a name, so that nobody takes the figures of all these for their own."""


class CappedLabel:
    """Values of a label, the first `cap` of them by name and the others as `rest`, so that callers cannot flood us."""

    def __init__(self, cap: int = 100, *, rest: str = OTHER) -> None:
        self._cap = cap
        self._rest = rest
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        """Return the value to count under."""
        if value in self._known:
            return value
        if len(self._known) >= self._cap:
            return self._rest
        self._known.add(value)
        return value

    def forget(self, value: str) -> None:
        """Make room: the series of this value have been removed."""
        self._known.discard(value)


class ProcessCollector(Collector):
    """Memory, processor time and open files of this process, under the names every Prometheus client uses."""

    def __init__(self) -> None:
        self._process = psutil.Process()

    def collect(self) -> Iterable[Metric]:
        """Measure now."""
        with self._process.oneshot():
            memory, cpu = self._process.memory_info(), self._process.cpu_times()
            files, started = self._process.num_fds(), self._process.create_time()
        yield GaugeMetricFamily("process_resident_memory_bytes", "Memory in use, in bytes.", value=memory.rss)
        yield CounterMetricFamily(
            "process_cpu_seconds", "Processor time used, in seconds.", value=round(cpu.user + cpu.system, 3)
        )
        yield GaugeMetricFamily("process_open_fds", "Open file descriptors.", value=files)
        yield GaugeMetricFamily("process_start_time_seconds", "Start of the process, Unix time.", value=started)


def metrics_text(registry: Collector) -> str:
    """Return metrics in Prometheus text format, without the `_created` series that nobody reads."""
    disable_created_metrics()
    return generate_latest(registry).decode()


async def metrics_text_gently(registry: Collector) -> str:
    """Return the same, letting requests pass after every few hundred lines: a hundred models make four thousand."""
    texts: list[str] = []
    for metric in registry.collect():
        for text in _texts(metric):
            texts.append(text)
            await asyncio.sleep(0)
    return "".join(texts)


def _texts(metric: Metric) -> Iterator[str]:
    yield metrics_text(_Single(_part(metric, 0)))
    for start in range(PART, len(metric.samples), PART):
        _help, _type, lines = metrics_text(_Single(_part(metric, start))).split("\n", 2)
        yield lines


def _part(metric: Metric, start: int) -> Metric:
    part = copy.copy(metric)
    part.samples = metric.samples[start : start + PART]
    return part


class _Single(Collector):
    def __init__(self, metric: Metric) -> None:
        self._metric = metric

    def collect(self) -> Iterable[Metric]:
        return (self._metric,)


async def report_forever(
    observability: Observability,
    *,
    source: str,
    kind: SourceKind,
    registry: CollectorRegistry,
    every_s: float = REPORT_EVERY_S,
) -> None:
    """Say this process's metrics every second until cancelled; while nobody listens, less often, and keep nothing."""
    pause, heard = every_s, True
    while True:
        try:
            async with asyncio.timeout(REPORT_TIMEOUT_S):
                text = await metrics_text_gently(registry)
                await observability.report(MetricsReport(source=source, kind=kind, text=text))
            pause, heard = every_s, True
        except Exception as error:  # the edge of a task: nothing that happens to a report may end the process
            if heard:
                known = isinstance(error, TulouError | TimeoutError)
                log.info("metrics_report_unheard", source=source, error=repr(error), exc_info=None if known else error)
            pause, heard = min(pause * 2, REPORT_BACKOFF_S), False
        # Jitter so that the processes of a house do not all knock in the same millisecond.
        await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311 - nothing secret depends on it
