"""Makes a call of what has arrived."""

from tulou.chassis.http.request import render_headers
from tulou.contracts.routing.messages import Endpoint, Grant
from tulou.services.gateway.dialects.catalogue import CLIENTS, MESSAGES
from tulou.services.gateway.endpoints.asked import Asked
from tulou.services.gateway.http.arrival import PRIORITY, Headers
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.refusals import MissingKeyError
from tulou.services.gateway.snapshot.lanes import Lane
from tulou.services.gateway.stack.call import Call

BATCH = b"batch"
OPENAI_STREAMS: frozenset[Endpoint] = frozenset({"chat", "completions"})
PASSED: dict[Endpoint, tuple[bytes, ...]] = {
    "messages": (b"anthropic-beta",),
    "count_tokens": (b"anthropic-beta",),
    "responses": (b"openai-beta",),
}


def make_call(record: Record, headers: Headers, asked: Asked, body: bytes, lane: Lane) -> Call:
    """Return the call of a request whose key is known."""
    endpoint = record.endpoint
    call = Call(
        endpoint=endpoint,
        model=lane.model,
        body=body,
        stream=asked.streams,
        grant=granted(record),
        request_id=record.request_id,
        started=record.began,
    )
    call.series = lane.series
    call.address = "" if record.house else record.address
    call.affinity = asked.affinity
    call.allowed, call.answers = asked.allowed, asked.answers
    call.forced = asked.forced
    call.turns = asked.turns
    call.custom_tools = asked.custom_tools
    call.client = MESSAGES if endpoint == "count_tokens" else CLIENTS.get(endpoint)
    call.path = record.path
    if record.house:
        call.batch = headers.get(PRIORITY) == BATCH
    if call.stream and endpoint in OPENAI_STREAMS and not asked.wants_usage:
        call.strip_usage = True
    if (passed := PASSED.get(endpoint)) is not None:
        call.passed = render_headers((name, headers[name]) for name in passed if name in headers)
    return call


def granted(record: Record) -> Grant:
    """Return whose request it is."""
    if record.grant is None:
        raise MissingKeyError("no key came with the request")
    return record.grant
