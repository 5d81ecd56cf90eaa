"""The span of one attempt, as OpenTelemetry's conventions for generative AI name it."""

from collections.abc import Mapping
from types import MappingProxyType

from tulou.chassis.telemetry.traces import Attribute, SpanRecord
from tulou.contracts.endpoints import ENDPOINTS, Endpoint
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.resources import StageResources

OPERATIONS: Mapping[Endpoint, str] = MappingProxyType({name: facts.operation for name, facts in ENDPOINTS.items()})
"""What each endpoint is called in spans and metrics."""


def record_attempt(
    site: StageResources, call: Call, backend: Backend, began: float, failure: AttemptFailedError | None
) -> None:
    """Keep the span of a call to a replica that began at this monotonic time and has just ended."""
    if call.place is None:
        return
    end = site.unix_ns()
    start = end - int((site.clock.monotonic() - began) * 1e9)
    attributes: dict[str, Attribute] = {
        "gen_ai.operation.name": OPERATIONS[call.endpoint],
        "gen_ai.request.model": call.served_by,
        "server.address": backend.origin.host,
        "server.port": backend.origin.port,
        "tulou.replica": backend.replica.id,
    }
    name = f"attempt {backend.replica.id}"
    error = failure.kind if failure else ""
    site.tracing.record(SpanRecord(name, call.place.child(), "client", start, end, error, attributes))
