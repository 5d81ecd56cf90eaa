"""A gateway as observability sees it."""

from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from tulou.chassis.house import House
from tulou.contracts.observability.messages import MetricsReport
from tulou.services.observability.service import ObservabilityService
from tulou.services.observability.settings import ObservabilitySettings
from tulou.testing.clock import ManualClock


class Gateway:
    """Counts under the names that the gateway counts under."""

    def __init__(self, source: str = "gateway-0") -> None:
        self.source = source
        self.registry = CollectorRegistry()
        labels = ["tenant", "model", "endpoint", "status_class"]
        self.requests = Counter("tulou_gateway_requests", "Requests.", labels, registry=self.registry)
        self.left = Counter("tulou_gateway_client_left", "Left.", ["tenant", "model"], registry=self.registry)
        self.tokens = Counter(
            "tulou_gateway_tokens", "Tokens.", ["tenant", "model", "direction"], registry=self.registry
        )
        self.duration = Histogram(
            "tulou_gateway_request_duration_seconds", "Durations.", ["model"], registry=self.registry
        )
        self.first = Histogram("tulou_gateway_time_to_first_token_seconds", "Waits.", ["model"], registry=self.registry)
        self.in_flight = Gauge("tulou_gateway_in_flight", "Now.", registry=self.registry)
        Gauge("process_resident_memory_bytes", "Memory.", registry=self.registry).set(50_000_000)

    def answer(
        self,
        model: str = "tiny",
        *,
        tenant: str = "north",
        times: int = 1,
        seconds: float = 0.1,
        status: str = "2xx",
    ) -> None:
        self.requests.labels(tenant, model, "chat", "4xx" if status == "499" else status).inc(times)
        self.left.labels(tenant, model).inc(times if status == "499" else 0)
        self.tokens.labels(tenant, model, "output").inc(10 * times)
        for _ in range(times):
            self.duration.labels(model).observe(seconds)
            self.first.labels(model).observe(seconds / 10)

    def report(self) -> MetricsReport:
        return MetricsReport(source=self.source, kind="gateway", text=generate_latest(self.registry).decode())


def observability(
    clock: ManualClock, directory: Path, settings: ObservabilitySettings | None = None
) -> ObservabilityService:
    house = House(name="test", directory=directory, control_url="", token="", blobs="")
    return ObservabilityService(house=house, clock=clock, settings=settings or ObservabilitySettings())
