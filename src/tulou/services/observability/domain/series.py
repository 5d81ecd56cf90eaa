"""One-second points of the last ten minutes, made of what grew between reports."""

from dataclasses import dataclass, field

from tulou.contracts.observability.messages import ModelTraffic, Rate
from tulou.services.observability.domain.counters import CounterGrowth, RequestTally, TrafficCounters
from tulou.services.observability.domain.histogram import quantile

KEPT_S = 600
COMPLETE_S = 2
"""Every process reports once a second, so a second is whole when the next one has passed as well."""
OTHER = "other"
POOLED = frozenset({OTHER, "unknown"})
"""What is counted together under these names were different models, or none."""

Models = dict[str, RequestTally]


@dataclass(slots=True)
class SecondTotals:
    """What went on in one second: by model, and by tenant and model as far as that is kept."""

    models: dict[str, TrafficCounters] = field(default_factory=dict[str, TrafficCounters])
    tenants: dict[str, Models] = field(default_factory=dict[str, Models])
    in_flight: dict[str, float] = field(default_factory=dict[str, float])

    def seen_by(self, tenant: str) -> dict[str, TrafficCounters]:
        """Return a tenant's own counts, and how long its models took for all who asked: histograms know no tenants.

        A model weighs as much as the tenant asked it.
        """
        seen: dict[str, TrafficCounters] = {}
        for model, counts in self.tenants.get(tenant, {}).items():
            seen[model] = TrafficCounters(counts=counts)
            whole = self.models.get(model)
            if counts.requests and whole is not None and whole.counts.requests and model not in POOLED:
                seen[model].add_times(whole, counts.requests / whole.counts.requests)
        return seen


class TimeSeries:
    """A ring of seconds; it grows with neither time nor the number of models and tenants.

    `max_figures` bounds what is kept by tenant, a model in a second being one: where there is more, the seconds that
    tenants can look back to are fewer.
    """

    def __init__(self, *, max_models: int, max_figures: int) -> None:
        self._max_models = max_models
        self._max_figures = max_figures
        self._figures = 0
        self._apart_since = 0
        self._seconds: dict[int, SecondTotals] = {}

    def add(self, source: str, begin: float, end: float, *, growth: CounterGrowth, in_flight: float = 0.0) -> None:
        """Spread what grew between two reports evenly over the seconds between them."""
        length = max(end - begin, 1e-6)
        for at in range(max(int(begin), int(end) - KEPT_S), int(end) + 1):
            overlap = min(end, at + 1) - max(begin, at)
            second = self._second(at) if overlap > 0 else None
            if second is None:
                continue
            second.in_flight[source] = in_flight
            for model, traffic in growth.models.items():
                self._traffic(second, model).add(traffic, overlap / length)
            if at >= self._apart_since:
                for (tenant, model), counts in growth.places.items():
                    self._counts(second, tenant, model).add(counts, overlap / length)
        self._make_room()

    def rates(self, now: float, seconds: int, tenant: str | None = None) -> tuple[Rate, ...]:
        """Return a point for each whole second since reports began, at most `seconds` of them; of one tenant or all."""
        end = int(now) - COMPLETE_S + 1
        first = min(self._seconds, default=end)
        start = max(end - seconds, first if tenant is None else max(first, self._apart_since))
        return tuple(_rate(at, self._seconds.get(at, _EMPTY), tenant) for at in range(start, end))

    def models(self, now: float, seconds: int, tenant: str | None = None) -> tuple[ModelTraffic, ...]:
        """Return the traffic of each model over the same seconds, the busiest first."""
        end = int(now) - COMPLETE_S + 1
        total: dict[str, TrafficCounters] = {}
        for at, second in self._seconds.items():
            if end - seconds <= at < end:
                for model, traffic in _seen(second, tenant).items():
                    total.setdefault(model, TrafficCounters()).add(traffic)
        return tuple(sorted((_summary(*item) for item in total.items()), key=lambda model: -model.requests))

    def _second(self, at: int) -> SecondTotals | None:
        if at not in self._seconds:
            self._seconds[at] = SecondTotals()
            oldest = max(self._seconds) - KEPT_S
            for past in [kept for kept in self._seconds if kept <= oldest]:
                self._part_with(self._seconds.pop(past))
        return self._seconds.get(at)

    def _traffic(self, second: SecondTotals, model: str) -> TrafficCounters:
        return second.models.setdefault(self._shown(second, model), TrafficCounters())

    def _counts(self, second: SecondTotals, tenant: str, model: str) -> RequestTally:
        models = second.tenants.setdefault(tenant, {})
        shown = self._shown(second, model)
        self._figures += shown not in models
        return models.setdefault(shown, RequestTally())

    def _shown(self, second: SecondTotals, model: str) -> str:
        full = len(second.models) >= self._max_models
        return OTHER if full and model not in second.models else model

    def _make_room(self) -> None:
        """Forget what is kept by tenant, the oldest seconds first."""
        while self._figures > self._max_figures:
            oldest = min(at for at, second in self._seconds.items() if second.tenants)
            self._part_with(self._seconds[oldest])
            self._apart_since = oldest + 1

    def _part_with(self, second: SecondTotals) -> None:
        self._figures -= sum(map(len, second.tenants.values()))
        second.tenants = {}


_EMPTY = SecondTotals()


def _seen(second: SecondTotals, tenant: str | None) -> dict[str, TrafficCounters]:
    return second.models if tenant is None else second.seen_by(tenant)


def _rate(at: int, second: SecondTotals, tenant: str | None) -> Rate:
    total = TrafficCounters()
    for traffic in _seen(second, tenant).values():
        total.add(traffic)
    return Rate(
        at=float(at),
        requests=round(total.counts.requests, 3),
        errors=round(total.counts.errors, 3),
        tokens=round(total.counts.tokens, 3),
        in_flight=round(sum(second.in_flight.values())) if tenant is None else None,
        p50_ms=_milliseconds(quantile(0.5, total.duration)),
        p95_ms=_milliseconds(quantile(0.95, total.duration)),
        first_token_p50_ms=_milliseconds(quantile(0.5, total.first_token)),
    )


def _summary(model: str, traffic: TrafficCounters) -> ModelTraffic:
    return ModelTraffic(
        model=model,
        requests=round(traffic.counts.requests, 3),
        errors=round(traffic.counts.errors, 3),
        tokens=round(traffic.counts.tokens, 3),
        p50_ms=_milliseconds(quantile(0.5, traffic.duration)),
        p95_ms=_milliseconds(quantile(0.95, traffic.duration)),
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
