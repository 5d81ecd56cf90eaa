"""A log line with nothing special about it."""

from datetime import UTC, datetime

from tulou.services.gateway.telemetry.access import Line


def line() -> Line:
    return Line(
        ts=datetime(2026, 11, 21, tzinfo=UTC),
        request_id="r",
        tenant="t",
        key="k",
        endpoint="chat",
        model="m",
        served_by="m",
        replica="r1",
        status=200,
        code="",
        stream=False,
        took_ms=1.0,
        first_token_ms=None,
        overhead_ms=0.1,
        input_tokens=1,
        output_tokens=1,
        attempts=1,
    )
