"""A log line with nothing special about it."""

from tulou.services.gateway.telemetry.access import Line


def line() -> Line:
    return Line(1_700_000_000.25, b'{"id":"use_1","status":200}', 0.1)
