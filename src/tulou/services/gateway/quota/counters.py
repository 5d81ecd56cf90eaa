"""What the quota counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class QuotaCounters:
    """Each of a process's metrics of its quota, in the registry it was given."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.messages = Counter(
            "tulou_gateway_quota_messages_total", "Messages told to the authority.", registry=registry
        )
        self.failures = Counter(
            "tulou_gateway_quota_failures_total", "Messages that had to be told again.", registry=registry
        )
        self.waited = Counter(
            "tulou_gateway_quota_waited_total", "Requests that waited for a share.", registry=registry
        )
        self.refused = Counter(
            "tulou_gateway_quota_refused_total", "Requests refused, by code.", ["code"], registry=registry
        )
        self.loose = Counter(
            "tulou_gateway_quota_loose_total", "Requests let through while the authority was away.", registry=registry
        )
        self.unsound = Counter(
            "tulou_gateway_quota_unsound_total",
            "Asks dropped because the authority cannot count them.",
            registry=registry,
        )
        self.forgotten = Counter(
            "tulou_gateway_quota_forgotten_total", "Reservations that nobody ended in time.", registry=registry
        )
        self.away = Gauge("tulou_gateway_quota_away", "1 while the authority cannot be asked.", registry=registry)
        self.accounts = Gauge(
            "tulou_gateway_quota_accounts", "Limits of subjects that are in memory.", registry=registry
        )
