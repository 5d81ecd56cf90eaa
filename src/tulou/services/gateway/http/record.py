"""What is known of one request as it goes, and what is counted, logged and traced of it at its end."""

import structlog

from tulou.chassis.telemetry.metrics import NOBODY
from tulou.chassis.telemetry.traces import Attribute, SpanRecord
from tulou.contracts.routing.messages import Endpoint, Grant
from tulou.kernel.errors import TulouError
from tulou.services.gateway.dialects.dialect import Dropped
from tulou.services.gateway.http.errors import error_code
from tulou.services.gateway.http.heartbeat import Heartbeat
from tulou.services.gateway.ledger import PriceBook
from tulou.services.gateway.service import GatewayService
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.spans import OPERATIONS
from tulou.services.gateway.telemetry.access import AccessLine
from tulou.services.gateway.telemetry.counters import LEFT_STATUS, RequestSeries

log = structlog.get_logger()

UNKNOWN = "unknown"
"""The label of requests whose model is unknown: what clients make up must not become series."""

CLIENT_LEFT = "client_left"


class Record:
    """Times are monotonic seconds; `began` is when the whole request was here, so that slow clients cost us nothing.

    `unread` are fields that were lost before any model was asked. `answered`: there is an answer, or its beginning.
    """

    first_at: float | None = None
    address = path = asked = ""
    status = cost = 0
    answered = house = False
    entry = b""
    unread: tuple[Dropped, ...] = ()
    grant: Grant | None = None
    tally: RequestSeries | None = None
    call: Call | None = None
    backend: Backend | None = None
    error: TulouError | None = None
    heartbeat: Heartbeat | None = None
    prices: PriceBook | None = None

    def __init__(self, endpoint: Endpoint, request_id: str, arrived: float) -> None:
        self.endpoint: Endpoint = endpoint
        self.request_id = request_id
        self.arrived = self.began = arrived

    @property
    def code(self) -> str:
        """The code of the error it ended with, or nothing."""
        if self.status == LEFT_STATUS:
            return CLIENT_LEFT
        return error_code(self.error) if self.error is not None else ""


class Recorder:
    """Opens a record for each request and closes it."""

    def __init__(self, service: GatewayService) -> None:
        self._clock = service.clock
        self._monotonic = service.clock.monotonic
        self._counters = service.counters
        self._access = service.access
        self._tracing = service.tracing
        self._unix_ns = service.site.unix_ns

    def open(self, endpoint: Endpoint, request_id: str) -> Record:
        """Begin."""
        return Record(endpoint, request_id, self._monotonic())

    def follow(self, record: Record, call: Call, traceparent: bytes | None) -> None:
        """Take up the caller's trace; the replica is told of our span while spans are kept, of the caller's else."""
        record.call = call
        record.tally = self._counters.tally(call.grant.tenant, call.series, call.endpoint)
        if self._tracing.enabled:
            call.place = self._tracing.begin((traceparent or b"").decode("latin-1"))
            call.traceparent = call.place.header().encode("ascii")
        elif traceparent is not None:
            call.traceparent = traceparent

    def close(self, record: Record) -> None:
        """Count, log and trace a request that has ended."""
        now = self._monotonic()
        tally = record.tally or self._unknown(record)
        tally.by_class[record.status // 100].inc()
        tally.duration.observe(now - record.arrived)
        if record.status == LEFT_STATUS:
            tally.left.inc()
        if record.code:
            self._counters.errors.labels(record.code).inc()
        self._count_operation(record, tally, now)
        if self._access is not None and record.entry:
            self._access.add(self._line(record, now))
        if record.call is not None and record.call.place is not None:
            self._span(record, record.call, now)

    def crashed(self, record: Record, error: Exception) -> None:
        """Log an error that nobody foresaw, with its trace."""
        log.error("request_crashed", request_id=record.request_id, endpoint=record.endpoint, exc_info=error)

    def _unknown(self, record: Record) -> RequestSeries:
        tenant = record.grant.tenant if record.grant is not None else NOBODY
        return self._counters.tally(tenant, UNKNOWN, record.endpoint)

    def _count_operation(self, record: Record, tally: RequestSeries, now: float) -> None:
        call = record.call
        if call is None:
            return
        tally.operated(record.status, now - record.began)
        if record.first_at is not None:
            tally.first_token.observe(record.first_at - record.began)
        if call.usage is not None and call.counted == "reported":
            tally.used(call.usage)
        elif call.usage is not None:
            tally.output.inc(call.usage.output)

    def _line(self, record: Record, now: float) -> AccessLine:
        call = record.call
        if call is None:
            return AccessLine(self._clock.now(), record.entry)
        overhead = None if call.stream else (now - record.began - call.upstream_s) * 1000
        return AccessLine(
            self._clock.now(), record.entry, overhead, tuple(one.field for one in (*record.unread, *call.dropped))
        )

    def _span(self, record: Record, call: Call, now: float) -> None:
        if call.place is None:
            return
        operation = OPERATIONS[record.endpoint]
        attributes: dict[str, Attribute] = {
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": "tulou",
            "gen_ai.request.model": record.asked,
            "gen_ai.response.model": call.served_by,
            "http.response.status_code": record.status,
            "tulou.request_id": record.request_id,
        }
        if call.usage is not None:
            attributes["gen_ai.usage.input_tokens"] = call.usage.input
            attributes["gen_ai.usage.output_tokens"] = call.usage.output
        end = self._unix_ns()
        start = end - int((now - record.arrived) * 1e9)
        name = f"{operation} {record.asked}"
        self._tracing.record(SpanRecord(name, call.place, "server", start, end, record.code, attributes))
