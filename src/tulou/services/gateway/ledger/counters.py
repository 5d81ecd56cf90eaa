"""What the local ledger counts, so that whoever looks sees at once that nothing is lost, or what is."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from tulou.chassis.telemetry.fast import FastCounter


class LedgerCounters:
    """Each of a process's metrics of its ledger, in the registry it was given."""

    def __init__(self, registry: CollectorRegistry) -> None:
        written = FastCounter("tulou_gateway_ledger_written", "Entries written to disk.")
        registry.register(written)
        self.written = written.labels()
        self.held = Gauge(
            "tulou_gateway_ledger_held_entries", "Entries in memory that the disk did not take yet.", registry=registry
        )
        self.lost = Counter(
            "tulou_gateway_ledger_lost_total",
            "Entries given up: disk, spool or what was refused was full.",
            registry=registry,
        )
        self.shipped = Counter(
            "tulou_gateway_ledger_shipped_total", "Entries that metering has confirmed.", registry=registry
        )
        self.torn = Counter(
            "tulou_gateway_ledger_torn_total", "Lines skipped because a crash tore them.", registry=registry
        )
        self.refused = Counter(
            "tulou_gateway_ledger_refused_total", "Entries that metering would not take.", registry=registry
        )
        self.spool = Gauge(
            "tulou_gateway_ledger_spool_bytes", "Bytes of the ledger on this host's disk.", registry=registry
        )
