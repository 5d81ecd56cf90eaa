"""Observability, reached over a transport."""

from dataclasses import dataclass

from tulou.contracts.observability.api import LOGS, METRICS, OVERVIEW, REPORT
from tulou.contracts.observability.messages import (
    GetMetrics,
    GetOverview,
    LogLines,
    MetricsReport,
    MetricsText,
    Overview,
    ReadLogs,
)
from tulou.contracts.transport import Transport
from tulou.kernel.message import Done


@dataclass(frozen=True, slots=True)
class ObservabilityClient:
    """The contract's Protocol, each method one call over the transport."""

    transport: Transport

    async def report(self, request: MetricsReport) -> Done:
        """Take a process's metrics in place of its last ones; forgotten after ten seconds of silence."""
        return await self.transport.call(REPORT, request)

    async def metrics(self, request: GetMetrics) -> MetricsText:
        """Return the metrics of every process that reports."""
        return await self.transport.call(METRICS, request)

    async def overview(self, request: GetOverview) -> Overview:
        """Return rates, latencies and processes, or what is the tenant's of them to callers that are kept to one."""
        return await self.transport.call(OVERVIEW, request)

    async def logs(self, request: ReadLogs) -> LogLines:
        """Return the last lines of logs."""
        return await self.transport.call(LOGS, request)
