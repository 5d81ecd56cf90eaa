"""One-second points of the last ten minutes, made of what grew between reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tulou.contracts.observability.messages import ModelTraffic, Rate
from tulou.services.observability.domain.counters import Traffic
from tulou.services.observability.domain.histogram import quantile

KEPT_S = 600
COMPLETE_S = 2
"""Every process reports once a second, so a second is whole when the next one has passed as well."""
OTHER = "other"


@dataclass(slots=True)
class _Second:
    models: dict[str, Traffic] = field(default_factory=dict[str, Traffic])
    in_flight: dict[str, float] = field(default_factory=dict[str, float])


class Points:
    """A ring of seconds; it grows with neither time nor the number of models."""

    def __init__(self, *, max_models: int) -> None:
        self._max_models = max_models
        self._seconds: dict[int, _Second] = {}

    def add(
        self, source: str, begin: float, end: float, *, traffic: Mapping[str, Traffic], in_flight: float = 0.0
    ) -> None:
        """Spread what grew between two reports evenly over the seconds between them."""
        length = max(end - begin, 1e-6)
        for at in range(max(int(begin), int(end) - KEPT_S), int(end) + 1):
            overlap = min(end, at + 1) - max(begin, at)
            if overlap <= 0:
                continue
            second = self._second(at)
            second.in_flight[source] = in_flight
            for model, growth in traffic.items():
                self._traffic(second, model).add(growth, overlap / length)

    def rates(self, now: float, seconds: int) -> tuple[Rate, ...]:
        """Return a point for each whole second since reports began, at most `seconds` of them."""
        end = int(now) - COMPLETE_S + 1
        start = max(end - seconds, min(self._seconds, default=end))
        return tuple(_rate(at, self._seconds.get(at, _EMPTY)) for at in range(start, end))

    def models(self, now: float, seconds: int) -> tuple[ModelTraffic, ...]:
        """Return the traffic of each model over the same seconds, the busiest first."""
        end = int(now) - COMPLETE_S + 1
        total: dict[str, Traffic] = {}
        for at, second in self._seconds.items():
            if end - seconds <= at < end:
                for model, traffic in second.models.items():
                    total.setdefault(model, Traffic()).add(traffic)
        return tuple(sorted((_summary(*item) for item in total.items()), key=lambda model: -model.requests))

    def _second(self, at: int) -> _Second:
        if at not in self._seconds:
            self._seconds[at] = _Second()
            oldest = max(self._seconds) - KEPT_S
            for past in [kept for kept in self._seconds if kept <= oldest]:
                del self._seconds[past]
        return self._seconds.get(at, _Second())

    def _traffic(self, second: _Second, model: str) -> Traffic:
        full = len(second.models) >= self._max_models
        return second.models.setdefault(OTHER if full and model not in second.models else model, Traffic())


_EMPTY = _Second()


def _rate(at: int, second: _Second) -> Rate:
    total = Traffic()
    for traffic in second.models.values():
        total.add(traffic)
    return Rate(
        at=float(at),
        requests=round(total.requests, 3),
        errors=round(total.errors, 3),
        tokens=round(total.tokens, 3),
        in_flight=round(sum(second.in_flight.values())),
        p50_ms=_milliseconds(quantile(0.5, total.duration)),
        p95_ms=_milliseconds(quantile(0.95, total.duration)),
        first_token_p50_ms=_milliseconds(quantile(0.5, total.first_token)),
    )


def _summary(model: str, traffic: Traffic) -> ModelTraffic:
    return ModelTraffic(
        model=model,
        requests=round(traffic.requests, 3),
        errors=round(traffic.errors, 3),
        tokens=round(traffic.tokens, 3),
        p50_ms=_milliseconds(quantile(0.5, traffic.duration)),
        p95_ms=_milliseconds(quantile(0.95, traffic.duration)),
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
