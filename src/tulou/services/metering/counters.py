"""What metering counts about itself."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class MeteringCounters:
    """The metrics, in the registry they are given."""

    def __init__(self, registry: CollectorRegistry) -> None:
        entries = Counter(
            "tulou_metering_entries_total", "Entries that gateways shipped.", ("outcome",), registry=registry
        )
        self.new = entries.labels("new")
        self.known = entries.labels("known")
        self.quarantined = entries.labels("quarantined")
        self.waiting = Gauge(
            "tulou_metering_quarantine_entries", "Entries that were set aside and wait.", registry=registry
        )
        self.unpriced = Counter(
            "tulou_metering_unpriced_total", "Entries of vendors' models that nothing prices.", registry=registry
        )
        self.lost = Counter(
            "tulou_metering_quarantine_lost_total", "Entries the quarantine had no room for.", registry=registry
        )
        self.ingest = Histogram(
            "tulou_metering_ingest_seconds", "How long a batch took.", buckets=SECONDS, registry=registry
        )
