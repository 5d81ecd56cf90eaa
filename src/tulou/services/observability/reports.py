"""The last report of each process: kept while it is fresh, within caps."""

from dataclasses import dataclass

from tulou.contracts.observability.messages import MetricsReport, Process, SourceKind
from tulou.kernel.errors import LimitedError, TooLargeError
from tulou.services.observability.domain.counters import ReportedCounters
from tulou.services.observability.settings import ObservabilitySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A report, when it came, and what it said."""

    source: str
    kind: SourceKind
    text: str
    at: float
    counters: ReportedCounters

    def process(self) -> Process:
        """Return what the overview shows of the process."""
        return Process(
            source=self.source,
            kind=self.kind,
            seen_at=self.at,
            resident_bytes=int(self.counters.resident_bytes),
            cpu_seconds=self.counters.cpu_seconds,
        )


class ReportStore:
    """One report a source."""

    def __init__(self, settings: ObservabilitySettings) -> None:
        self._settings = settings
        self._kept: dict[str, StoredReport] = {}

    def admit(self, report: MetricsReport, now: float) -> None:
        """Raise `TooLargeError` or `LimitedError` for a report beyond the caps."""
        size, cap = len(report.text), self._settings.max_report_bytes
        if size > cap:
            raise TooLargeError(
                f"the report of {report.source!r} has {size} bytes, the cap is {cap}; lower the number of its series or"
                " raise `max_report_bytes` in [observability]"
            )
        self.fresh(now)
        if report.source not in self._kept and len(self._kept) >= self._settings.max_sources:
            raise LimitedError(
                f"{len(self._kept)} processes report already, so {report.source!r} is not taken; raise `max_sources` in"
                " [observability]",
                retry_after_s=self._settings.expire_s,
            )

    def replace(self, kept: StoredReport) -> StoredReport | None:
        """Keep a report and return the one before it."""
        before = self._kept.get(kept.source)
        self._kept[kept.source] = kept
        return before

    def fresh(self, now: float) -> list[StoredReport]:
        """Forget the silent, and return the others by name."""
        self._kept = {source: kept for source, kept in self._kept.items() if now - kept.at <= self._settings.expire_s}
        return [self._kept[source] for source in sorted(self._kept)]
