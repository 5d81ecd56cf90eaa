"""What the local ledger counts, so that whoever looks sees at once that nothing is lost, or what is."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class LedgerCounters:
    """Each of a process's metrics of its ledger, in the registry it was given."""

    def __init__(self, registry: CollectorRegistry) -> None:
        name = "tulou_gateway_ledger"
        self.written = Counter(f"{name}_written_total", "Entries written to disk.", registry=registry)
        self.held = Gauge(
            f"{name}_held_entries", "Entries in memory that the disk did not take yet.", registry=registry
        )
        self.lost = Counter(f"{name}_lost_total", "Entries given up: disk or spool was full.", registry=registry)
        self.shipped = Counter(f"{name}_shipped_total", "Entries that metering has confirmed.", registry=registry)
        self.torn = Counter(f"{name}_torn_total", "Lines skipped because a crash tore them.", registry=registry)
        self.refused = Counter(f"{name}_refused_total", "Entries that metering would not take.", registry=registry)
        self.spool = Gauge(f"{name}_spool_bytes", "Bytes of the ledger on this host's disk.", registry=registry)
