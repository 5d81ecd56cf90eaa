"""Makes a call of what has arrived."""

from tulou.chassis.http.request import render_headers
from tulou.contracts.routing.messages import Grant
from tulou.services.gateway.endpoints.asked import EndpointRequest
from tulou.services.gateway.endpoints.catalogue import SERVED
from tulou.services.gateway.http.arrival import PRIORITY, Headers
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.refusals import MissingKeyError
from tulou.services.gateway.snapshot.stacks import RouteStack
from tulou.services.gateway.stack.call import Call

BATCH = b"batch"


def make_call(record: Record, headers: Headers, asked: EndpointRequest, body: bytes, lane: RouteStack) -> Call:
    """Return the call of a request whose key is known."""
    endpoint = SERVED[record.endpoint]
    call = Call(
        endpoint=record.endpoint,
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
    call.client = endpoint.client
    call.path = record.path
    if record.house:
        call.batch = headers.get(PRIORITY) == BATCH
    if call.stream and endpoint.chunks and not asked.wants_usage:
        call.strip_usage = True
    if endpoint.passed:
        call.passed = render_headers((name, headers[name]) for name in endpoint.passed if name in headers)
    return call


def granted(record: Record) -> Grant:
    """Return whose request it is."""
    if record.grant is None:
        raise MissingKeyError("no key came with the request")
    return record.grant
