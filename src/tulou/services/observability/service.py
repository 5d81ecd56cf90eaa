"""Observability's use cases."""

import asyncio

from tulou.chassis.house import House
from tulou.chassis.reach import reach
from tulou.chassis.telemetry.exposition import merge
from tulou.contracts.observability.messages import (
    GetMetrics,
    GetOverview,
    LogLines,
    MetricsReport,
    MetricsText,
    Overview,
    ReadLogs,
)
from tulou.kernel.clock import Clock
from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.kernel.message import Done
from tulou.services.observability.domain.counters import read_counters
from tulou.services.observability.domain.series import KEPT_S, TimeSeries
from tulou.services.observability.reports import ReportStore, StoredReport
from tulou.services.observability.settings import ObservabilitySettings
from tulou.services.observability.tail import LogSearch, last_lines, processes


class ObservabilityService:
    """The contract, over reports in memory and log files on disk."""

    def __init__(self, *, house: House, clock: Clock, settings: ObservabilitySettings) -> None:
        self._house = house
        self._clock = clock
        self._settings = settings
        self._reports = ReportStore(settings)
        self._points = TimeSeries(max_models=settings.max_models, max_figures=settings.max_tenant_figures)

    async def report(self, request: MetricsReport) -> Done:
        """Take a process's metrics in place of its last ones; a first report is where counting begins."""
        now = self._clock.now()
        self._reports.admit(request, now)
        counters = read_counters(request.text)
        before = self._reports.replace(
            StoredReport(source=request.source, kind=request.kind, text=request.text, at=now, counters=counters)
        )
        if before is not None:
            growth = counters.since(before.counters)
            self._points.add(request.source, before.at, now, growth=growth, in_flight=counters.in_flight)
        return Done()

    async def metrics(self, request: GetMetrics) -> MetricsText:
        """Return the metrics of every process that reports."""
        del request
        reports = {kept.source: kept.text for kept in self._reports.fresh(self._clock.now())}
        return MetricsText(text=await asyncio.to_thread(merge, reports))

    async def overview(self, request: GetOverview) -> Overview:
        """Return rates, latencies and processes, or what is the caller's tenant's of them.

        Gateways count by tenant: for who reaches no further than a project there is nothing here.
        Raise `InvalidError` for a window that is not kept.
        """
        if not 1 <= request.seconds <= KEPT_S:
            raise InvalidError(f"seconds must be from 1 to {KEPT_S}, not {request.seconds}", param="seconds")
        now, tenant = self._clock.now(), reach().whole_tenant
        processes = tuple(kept.process() for kept in self._reports.fresh(now)) if tenant is None else ()
        return Overview(
            at=now,
            points=self._points.rates(now, request.seconds, tenant),
            models=self._points.models(now, request.seconds, tenant),
            processes=processes,
        )

    async def logs(self, request: ReadLogs) -> LogLines:
        """Return the last lines of logs; raise `NotFoundError` for a process that has none."""
        cap = self._settings.max_log_lines
        if not 1 <= request.lines <= cap:
            raise InvalidError(f"lines must be from 1 to {cap}, not {request.lines}", param="lines")
        search = LogSearch(
            lines=request.lines, request_id=request.request_id, scan_bytes=self._settings.max_log_scan_bytes
        )
        return await asyncio.to_thread(self._read, request.process, search)

    def _read(self, process: str, search: LogSearch) -> LogLines:
        names = processes(self._house.log)
        if process and process not in names:
            raise NotFoundError(
                f"no process named {process!r} has logs; these have: {', '.join(names) or 'none'}", param="process"
            )
        lines = last_lines(self._house.log, [process] if process else names, search)
        return LogLines(lines=tuple(lines), processes=tuple(names))
