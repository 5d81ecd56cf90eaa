"""A log line with nothing special about it."""

from tulou.services.gateway.telemetry.access import AccessLine


def line() -> AccessLine:
    return AccessLine(1_700_000_000.25, b'{"id":"use_1","status":200}', 0.1)
