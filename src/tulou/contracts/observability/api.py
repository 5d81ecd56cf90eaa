"""Observability: what goes on in the house, now and in the last minutes."""

from typing import Protocol

from tulou.contracts.observability.messages import (
    GetMetrics,
    GetOverview,
    LogLines,
    MetricsReport,
    MetricsText,
    Overview,
    ReadLogs,
)
from tulou.kernel.message import Done


class Observability(Protocol):
    """Metrics, traces and logs."""

    async def report(self, request: MetricsReport) -> Done:
        """Take a process's metrics in place of its last ones; forgotten after ten seconds of silence."""
        ...

    async def metrics(self, request: GetMetrics) -> MetricsText:
        """Return the metrics of every process that reports."""
        ...

    async def overview(self, request: GetOverview) -> Overview:
        """Return rates, latencies and processes, or what is the tenant's of them to callers that are kept to one."""
        ...

    async def logs(self, request: ReadLogs) -> LogLines:
        """Return the last lines of logs."""
        ...
