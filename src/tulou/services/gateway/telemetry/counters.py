"""The gateway's metrics. Children are looked up once a tenant and model: `.labels()` costs more than counting does."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tulou.chassis.telemetry.fast import FastCounter, FastHistogram
from tulou.chassis.telemetry.metrics import NO_TENANTS, OTHERS, CappedLabel
from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.spans import OPERATIONS
from tulou.services.gateway.telemetry.caps import SeriesCaps
from tulou.services.gateway.usage import Usage

SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 300)
OVERHEAD = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.2)
TOKENS = tuple(4.0**power for power in range(14))
OPERATION_SECONDS = tuple(0.01 * 2**power for power in range(14))
"""The two that OpenTelemetry's conventions for generative AI prescribe: to 67,108,864 tokens, and to 81.92 s."""
PROVIDER = "tulou"
ERRORS_FROM = 400
LEFT_STATUS = 499
STATES = {"closed": 0, "half_open": 1, "open": 2}
SHORT_CUTS = 20_000
"""So many names lead straight to what is counted of them; that takes 4 MiB."""

Spot = tuple[str, str, Endpoint]
"""A tenant, a model and an endpoint."""


class RequestSeries:
    """What is counted of one tenant's requests to one model at one endpoint; histograms are those of all tenants."""

    __slots__ = (
        "_failed",
        "by_class",
        "duration",
        "first_token",
        "input",
        "input_usage",
        "left",
        "operation",
        "output",
        "output_usage",
    )

    def __init__(self, counters: "GatewayCounters", spot: Spot) -> None:
        tenant, model, endpoint = spot
        self.by_class = {
            status: counters.requests.labels(tenant, model, endpoint, name)
            for status, name in ((2, "2xx"), (3, "3xx"), (4, "4xx"), (5, "5xx"))
        }
        self.left = counters.left.labels(tenant, model)
        self.duration = counters.duration.labels(model, endpoint)
        self.first_token = counters.first_token.labels(model)
        self.input = counters.tokens.labels(tenant, model, "input")
        self.output = counters.tokens.labels(tenant, model, "output")
        place = (OPERATIONS[endpoint], PROVIDER, model)
        self.input_usage = counters.usage.labels(*place, "input")
        self.output_usage = counters.usage.labels(*place, "output")
        self.operation = counters.operation.labels(*place, "")
        self._failed = partial(counters.operation.labels, *place)

    def operated(self, status: int, seconds: float) -> None:
        """Count how long an operation took; those that failed are apart, by the status they ended with."""
        spread = self.operation if status < ERRORS_FROM else self._failed(str(status))
        spread.observe(seconds)

    def used(self, usage: Usage) -> None:
        """Count the tokens of an answer."""
        self.input.inc(usage.input)
        self.output.inc(usage.output)
        self.input_usage.observe(usage.input)
        self.output_usage.observe(usage.output)


class GatewayCounters:
    """Everything this process counts, in the registry it was given."""

    def __init__(self, registry: CollectorRegistry, caps: SeriesCaps) -> None:
        labels, whose = ("model", "endpoint"), ("tenant", "model")
        self.requests = _counts("requests", "Requests answered.", (*whose, "endpoint", "status_class"), registry)
        self.errors = _counter("errors", "Requests that ended in an error, by its code.", ("code",), registry)
        self.tokens = _counts("tokens", "Tokens read and written.", (*whose, "direction"), registry)
        self.retries = _counter("retries", "Attempts after the first.", ("model",), registry)
        self.failovers = _counter("failovers", "Requests passed to another model.", ("model",), registry)
        self.left = _counts("client_left", "Requests whose client left first.", whose, registry)
        self.log_lines_lost = _counter("log_lines_lost", "Access log lines dropped for want of room.", (), registry)
        self.duration = _spreads("request_duration_seconds", "Whole requests.", labels, SECONDS, registry)
        self.first_token = _spreads(
            "time_to_first_token_seconds", "Until a stream began.", ("model",), SECONDS, registry
        )
        self.overhead = _spreads("overhead_seconds", "What the gateway itself added.", (), OVERHEAD, registry).labels()
        operation = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model")
        self.usage = FastHistogram(
            "gen_ai_client_token_usage", "Tokens of a request.", (*operation, "gen_ai_token_type"), TOKENS
        )
        self.operation = FastHistogram(
            "gen_ai_client_operation_duration_seconds", "Operations.", (*operation, "error_type"), OPERATION_SECONDS
        )
        registry.register(self.usage)
        registry.register(self.operation)
        self.in_flight = Gauge("tulou_gateway_in_flight", "Requests in work.", registry=registry)
        self.queued = Gauge("tulou_gateway_queued", "Requests that wait for room.", registry=registry)
        self.revision = Gauge("tulou_gateway_snapshot_revision", "The snapshot in force.", registry=registry)
        self.age = Gauge("tulou_gateway_snapshot_age_seconds", "Since control was last heard.", registry=registry)
        self._model = CappedLabel(caps.models)
        self._tenant = CappedLabel(caps.tenants, rest=OTHERS)
        self._spots_cap = caps.spots
        self._spots: set[Spot] = set()
        self._tallies: dict[Spot, RequestSeries] = {}

    def tally(self, tenant: str, model: str, endpoint: Endpoint) -> RequestSeries:
        """Return the counters of a tenant's requests to a model; what is beyond a cap is counted together."""
        known = self._tallies.get((tenant, model, endpoint))
        return known if known is not None else self._look_up((tenant, model, endpoint))

    def keep_only(self, models: Iterable[str]) -> None:
        """Forget the short cuts to models that are gone; their series stay."""
        wanted = set(models)
        self._tallies = {spot: tally for spot, tally in self._tallies.items() if spot[1] in wanted}

    def retried(self, call: Call) -> None:
        """Count an attempt after the first."""
        self.retries.labels(self._model(call.series)).inc()

    def failed_over(self, call: Call) -> None:
        """Count a call that another model answers."""
        self.failovers.labels(self._model(call.series)).inc()

    def _look_up(self, named: Spot) -> RequestSeries:
        shown = self._shown(named)
        if len(self._tallies) >= SHORT_CUTS:
            self._tallies.clear()
        tally = self._tallies.get(shown) or RequestSeries(self, shown)
        self._tallies[shown] = self._tallies[named] = tally
        return tally

    def _shown(self, named: Spot) -> Spot:
        """Return what a spot is counted under: where there are too many of them, all tenants are one."""
        tenant, model, endpoint = named
        spot = (tenant if tenant in NO_TENANTS else self._tenant(tenant), self._model(model), endpoint)
        if spot[0] in NO_TENANTS or spot in self._spots:
            return spot
        if len(self._spots) >= self._spots_cap:
            return (OTHERS, spot[1], endpoint)
        self._spots.add(spot)
        return spot


class ReplicaCollector(Collector):
    """Breaker state and load of every replica, read when somebody looks."""

    def __init__(self, backends: Callable[[], Iterable[Backend]]) -> None:
        self._backends = backends

    def collect(self) -> Iterable[Metric]:
        """Look now."""
        labels = ("deployment", "replica")
        state = GaugeMetricFamily("tulou_gateway_breaker_state", "0 closed, 1 half-open, 2 open.", labels=labels)
        load = GaugeMetricFamily("tulou_gateway_replica_in_flight", "Calls in flight to a replica.", labels=labels)
        gone = GaugeMetricFamily("tulou_gateway_replica_gone", "1 while nobody listens there.", labels=labels)
        for names, looks in _by_replica(self._backends()).items():
            state.add_metric(names, max(STATES[one.circuit.state] for one in looks))
            load.add_metric(names, sum(one.in_flight for one in looks))
            gone.add_metric(names, int(any(one.gone for one in looks)))
        yield from (state, load, gone)


def _by_replica(backends: Iterable[Backend]) -> Mapping[tuple[str, str], Sequence[Backend]]:
    """Return backends by deployment and replica: one for many models has several."""
    found: dict[tuple[str, str], list[Backend]] = {}
    for backend in backends:
        found.setdefault((backend.replica.deployment, backend.replica.id), []).append(backend)
    return found


def _counter(name: str, words: str, labels: tuple[str, ...], registry: CollectorRegistry) -> Counter:
    return Counter(f"tulou_gateway_{name}", words, labels, registry=registry)


def _counts(name: str, words: str, labels: tuple[str, ...], registry: CollectorRegistry) -> FastCounter:
    counts = FastCounter(f"tulou_gateway_{name}", words, labels)
    registry.register(counts)
    return counts


def _spreads(
    name: str, words: str, labels: tuple[str, ...], bounds: tuple[float, ...], registry: CollectorRegistry
) -> FastHistogram:
    spreads = FastHistogram(f"tulou_gateway_{name}", words, labels, bounds)
    registry.register(spreads)
    return spreads
