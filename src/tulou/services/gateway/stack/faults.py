"""Errors that an engine tells in the middle of a stream that passes through."""

from tulou.services.gateway.dialects.sse import payload, split_events
from tulou.services.gateway.stack.events import FAULT, fault_in
from tulou.services.gateway.stack.refused import refused

BROKEN = 502


def with_fault(data: bytes) -> bytes:
    """Return events up to the first that says an error, which is said in the one shape that clients know."""
    told: list[bytes] = []
    for event in split_events(data):
        if FAULT in event and fault_in(event):
            return b"".join((*told, b"data: %b\n\n" % refused(BROKEN, payload(event))))
        told.append(event)
    return data
