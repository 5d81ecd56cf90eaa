"""Messages of the observability contract."""

from typing import Literal

from tulou.kernel.message import message

SourceKind = Literal["gateway", "control", "replica"]


@message
class MetricsReport:
    """One process's metrics in Prometheus text format, said every second or so; `source` is unique in the house."""

    source: str
    kind: SourceKind
    text: str


@message
class GetMetrics:
    """All fresh reports together."""


@message
class MetricsText:
    """Prometheus text of the whole house; each series has the label `process`."""

    text: str


@message
class GetOverview:
    """The last `seconds` seconds, at most 600."""

    seconds: int = 60


@message
class Rate:
    """One second of the house's life: counts are per second, latencies in milliseconds, None where nothing ended.

    In a tenant's overview counts are its own, latencies those of its models, whoever asked, and `in_flight` is None.
    """

    at: float
    requests: float
    errors: float
    tokens: float
    in_flight: int | None
    p50_ms: float | None
    p95_ms: float | None
    first_token_p50_ms: float | None


@message
class ModelTraffic:
    """A model's traffic over the window; latencies in milliseconds."""

    model: str
    requests: float
    errors: float
    tokens: float
    p50_ms: float | None
    p95_ms: float | None


@message
class Process:
    """A process that reports."""

    source: str
    kind: SourceKind
    seen_at: float
    resident_bytes: int
    cpu_seconds: float


@message
class Overview:
    """The house at a glance: points oldest first, one a second.

    Who may not act over the house sees the traffic of their own tenant, and no processes.
    """

    at: float
    points: tuple[Rate, ...]
    models: tuple[ModelTraffic, ...]
    processes: tuple[Process, ...]


@message
class ReadLogs:
    """The last lines of a process's log; an empty `process` means all of them merged by time."""

    process: str = ""
    lines: int = 200
    request_id: str = ""


@message
class LogLines:
    """Log lines as JSON text, oldest first, and the processes that have logs."""

    lines: tuple[str, ...]
    processes: tuple[str, ...]
