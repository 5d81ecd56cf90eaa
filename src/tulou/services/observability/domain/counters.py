"""The figures of one report that the overview is made of, and how much they have grown since the last report."""

import sys
from dataclasses import dataclass, field

from tulou.chassis.telemetry.exposition import Sample, samples
from tulou.chassis.telemetry.metrics import NO_TENANTS

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
_COUNTED = frozenset({REQUESTS, LEFT, TOKENS})

Buckets = dict[float, float]
Place = tuple[str, str]
"""A tenant and a model."""


@dataclass(slots=True)
class RequestTally:
    """What was asked for and came of it: since a process started, or between two of its reports."""

    requests: float = 0.0
    failed: float = 0.0
    left: float = 0.0
    tokens: float = 0.0

    def __bool__(self) -> bool:
        """Say whether there was anything."""
        return bool(self.requests or self.tokens or self.left)

    @property
    def errors(self) -> float:
        """Answers of 400 or more, without those that nobody waited for."""
        return max(0.0, self.failed - self.left)

    def add(self, other: "RequestTally", share: float = 1.0) -> None:
        """Add a share of other counts to these."""
        self.requests += other.requests * share
        self.failed += other.failed * share
        self.left += other.left * share
        self.tokens += other.tokens * share

    def since(self, before: "RequestTally") -> "RequestTally":
        """Return the growth since an earlier count; a count that fell began again at zero, so all of it is growth."""
        return RequestTally(
            requests=_grown(self.requests, before.requests),
            failed=_grown(self.failed, before.failed),
            left=_grown(self.left, before.left),
            tokens=_grown(self.tokens, before.tokens),
        )


@dataclass(slots=True)
class TrafficCounters:
    """The traffic of one model, whoever asked. Buckets are cumulative."""

    counts: RequestTally = field(default_factory=RequestTally)
    duration: Buckets = field(default_factory=dict[float, float])
    first_token: Buckets = field(default_factory=dict[float, float])

    def __bool__(self) -> bool:
        """Say whether there was any."""
        return bool(self.counts or any(self.duration.values()) or any(self.first_token.values()))

    def add(self, other: "TrafficCounters", share: float = 1.0) -> None:
        """Add a share of other traffic to this."""
        self.counts.add(other.counts, share)
        self.add_times(other, share)

    def add_times(self, other: "TrafficCounters", share: float = 1.0) -> None:
        """Add a share of how long other requests took to this."""
        for mine, theirs in ((self.duration, other.duration), (self.first_token, other.first_token)):
            for bound, count in theirs.items():
                mine[bound] = mine.get(bound, 0.0) + count * share

    def since(self, before: "TrafficCounters") -> "TrafficCounters":
        """Return the growth since an earlier count."""
        return TrafficCounters(
            counts=self.counts.since(before.counts),
            duration=_all_grown(self.duration, before.duration),
            first_token=_all_grown(self.first_token, before.first_token),
        )


@dataclass(slots=True)
class CounterGrowth:
    """What came between two reports of a process: by model, and the counts by tenant and model as well."""

    models: dict[str, TrafficCounters] = field(default_factory=dict[str, TrafficCounters])
    places: dict[Place, RequestTally] = field(default_factory=dict[Place, RequestTally])


@dataclass(slots=True)
class ReportedCounters:
    """What one report says."""

    models: dict[str, TrafficCounters] = field(default_factory=dict[str, TrafficCounters])
    places: dict[Place, RequestTally] = field(default_factory=dict[Place, RequestTally])
    in_flight: float = 0.0
    resident_bytes: float = 0.0
    cpu_seconds: float = 0.0

    def since(self, before: "ReportedCounters") -> CounterGrowth:
        """Return the traffic since an earlier report of the same process."""
        models = {name: now.since(before.models.get(name, TrafficCounters())) for name, now in self.models.items()}
        places = {place: now.since(before.places.get(place, RequestTally())) for place, now in self.places.items()}
        return CounterGrowth(
            models={name: traffic for name, traffic in models.items() if traffic},
            places={place: counts for place, counts in places.items() if counts},
        )


def read_counters(text: str) -> ReportedCounters:
    """Take what the overview needs out of a report."""
    counters = ReportedCounters()
    for sample in samples(text, _NAMES):
        if sample.name == RESIDENT:
            counters.resident_bytes = sample.value
        elif sample.name == CPU:
            counters.cpu_seconds = sample.value
        elif sample.name == IN_FLIGHT:
            counters.in_flight += sample.value
        else:
            _take(counters, sample)
    return counters


def _take(counters: ReportedCounters, sample: Sample) -> None:
    name, labels = sample.name, sample.labels
    # points keep names for ten minutes; one of each is enough
    tenant, model = sys.intern(labels.get("tenant", "")), sys.intern(labels.get("model", ""))
    traffic = counters.models.get(model)
    if traffic is None:
        traffic = counters.models[model] = TrafficCounters()
    if name in _COUNTED:
        _count(traffic.counts, sample)
        if tenant not in NO_TENANTS:
            _count(counters.places.setdefault((tenant, model), RequestTally()), sample)
        return
    buckets = traffic.duration if name == DURATION else traffic.first_token
    bound = float(labels.get("le", "inf"))
    buckets[bound] = buckets.get(bound, 0.0) + sample.value


def _count(counts: RequestTally, sample: Sample) -> None:
    if sample.name == REQUESTS:
        failed = sample.labels.get("status_class", "").startswith(("4", "5"))
        counts.requests += sample.value
        counts.failed += sample.value if failed else 0.0
    elif sample.name == LEFT:
        counts.left += sample.value
    else:
        counts.tokens += sample.value


def _all_grown(now: Buckets, before: Buckets) -> Buckets:
    return {bound: _grown(count, before.get(bound, 0)) for bound, count in now.items()}


def _grown(now: float, before: float) -> float:
    return now - before if now >= before else now
