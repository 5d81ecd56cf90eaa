"""The figures of one report that the overview is made of, and how much they have grown since the last report."""

from dataclasses import dataclass, field

from tulou.chassis.telemetry.exposition import samples

REQUESTS = "tulou_gateway_requests_total"
LEFT = "tulou_gateway_client_left_total"
"""Counted as 4xx too, with the status 499; a client that pressed stop is no error of the house."""
DURATION = "tulou_gateway_request_duration_seconds_bucket"
FIRST_TOKEN = "tulou_gateway_time_to_first_token_seconds_bucket"  # noqa: S105 - the name of a metric
TOKENS = "tulou_gateway_tokens_total"
IN_FLIGHT = "tulou_gateway_in_flight"
RESIDENT = "process_resident_memory_bytes"
CPU = "process_cpu_seconds_total"
_NAMES = frozenset({REQUESTS, LEFT, DURATION, FIRST_TOKEN, TOKENS, IN_FLIGHT, RESIDENT, CPU})

Buckets = dict[float, float]


@dataclass(slots=True)
class Traffic:
    """Counts of one model: since a process started, or between two of its reports. Buckets are cumulative."""

    requests: float = 0.0
    errors: float = 0.0
    tokens: float = 0.0
    duration: Buckets = field(default_factory=dict[float, float])
    first_token: Buckets = field(default_factory=dict[float, float])

    def __bool__(self) -> bool:
        """Say whether there was any."""
        return bool(self.requests or self.tokens or any(self.duration.values()) or any(self.first_token.values()))

    def add(self, other: "Traffic", share: float = 1.0) -> None:
        """Add a share of other traffic to this."""
        self.requests += other.requests * share
        self.errors += other.errors * share
        self.tokens += other.tokens * share
        for mine, theirs in ((self.duration, other.duration), (self.first_token, other.first_token)):
            for bound, count in theirs.items():
                mine[bound] = mine.get(bound, 0.0) + count * share

    def since(self, before: "Traffic") -> "Traffic":
        """Return the growth since an earlier count; a count that fell began again at zero, so all of it is growth."""
        return Traffic(
            requests=_grown(self.requests, before.requests),
            errors=_grown(self.errors, before.errors),
            tokens=_grown(self.tokens, before.tokens),
            duration={bound: _grown(count, before.duration.get(bound, 0)) for bound, count in self.duration.items()},
            first_token={
                bound: _grown(count, before.first_token.get(bound, 0)) for bound, count in self.first_token.items()
            },
        )


@dataclass(slots=True)
class Counters:
    """What one report says."""

    models: dict[str, Traffic] = field(default_factory=dict[str, Traffic])
    in_flight: float = 0.0
    resident_bytes: float = 0.0
    cpu_seconds: float = 0.0

    def since(self, before: "Counters") -> dict[str, Traffic]:
        """Return the traffic of each model since an earlier report of the same process."""
        grown = {name: now.since(before.models.get(name, Traffic())) for name, now in self.models.items()}
        return {name: traffic for name, traffic in grown.items() if traffic}


def read_counters(text: str) -> Counters:
    """Take what the overview needs out of a report."""
    counters = Counters()
    for sample in samples(text, _NAMES):
        if sample.name == RESIDENT:
            counters.resident_bytes = sample.value
        elif sample.name == CPU:
            counters.cpu_seconds = sample.value
        elif sample.name == IN_FLIGHT:
            counters.in_flight += sample.value
        else:
            traffic = counters.models.setdefault(sample.labels.get("model", ""), Traffic())
            _count(traffic, sample.name, sample.value, labels=dict(sample.labels))
    return counters


def _count(traffic: Traffic, name: str, value: float, *, labels: dict[str, str]) -> None:
    if name == REQUESTS:
        traffic.requests += value
        traffic.errors += value if labels.get("status_class", "").startswith(("4", "5")) else 0.0
    elif name == LEFT:
        traffic.errors -= value
    elif name == TOKENS:
        traffic.tokens += value
    else:
        buckets = traffic.duration if name == DURATION else traffic.first_token
        bound = float(labels.get("le", "inf"))
        buckets[bound] = buckets.get(bound, 0.0) + value


def _grown(now: float, before: float) -> float:
    return now - before if now >= before else now
