"""What the quota counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class QuotaCounters:
    """Each of a process's metrics of its quota, in the registry it was given."""

    def __init__(self, registry: CollectorRegistry) -> None:
        name = "tulou_gateway_quota"
        self.messages = Counter(f"{name}_messages_total", "Messages told to the authority.", registry=registry)
        self.failures = Counter(f"{name}_failures_total", "Messages that had to be told again.", registry=registry)
        self.waited = Counter(f"{name}_waited_total", "Requests that waited for a share.", registry=registry)
        self.refused = Counter(f"{name}_refused_total", "Requests refused, by code.", ["code"], registry=registry)
        self.loose = Counter(
            f"{name}_loose_total", "Requests let through while the authority was away.", registry=registry
        )
        self.forgotten = Counter(
            f"{name}_forgotten_total", "Reservations that nobody ended in time.", registry=registry
        )
        self.away = Gauge(f"{name}_away", "1 while the authority cannot be asked.", registry=registry)
        self.accounts = Gauge(f"{name}_accounts", "Limits of subjects that are in memory.", registry=registry)
