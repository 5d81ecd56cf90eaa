"""Spans by OTLP over HTTP, the protocol every collector of traces understands.

Kept apart from `traces` because importing the SDK costs 5 MiB and 50 ms, which only a house that exports should pay.
"""

from collections.abc import Sequence
from types import MappingProxyType

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.status import Status, StatusCode

from tulou.chassis.telemetry.traces import SpanRecord

EXPORT_TIMEOUT_S = 5.0
KINDS = MappingProxyType({"server": SpanKind.SERVER, "client": SpanKind.CLIENT, "internal": SpanKind.INTERNAL})


class OtlpExport:
    """Sends batches to `<endpoint>/v1/traces`; headers and certificates come from the `OTEL_EXPORTER_OTLP_*` names."""

    def __init__(self, endpoint: str, *, house: str, process: str, version: str) -> None:
        self._exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_TIMEOUT_S)
        self._scope = InstrumentationScope("tulou", version)
        names = {"service.name": "tulou", "service.namespace": house, "service.instance.id": process}
        self._resource = Resource.create(names | {"service.version": version})

    def __call__(self, spans: Sequence[SpanRecord]) -> bool:
        """Send, at most `EXPORT_TIMEOUT_S` long, and say whether it arrived."""
        return self._exporter.export([self._readable(span) for span in spans]) is SpanExportResult.SUCCESS

    def close(self) -> None:
        """Give back the connections."""
        self._exporter.shutdown()

    def _readable(self, span: SpanRecord) -> ReadableSpan:
        trace_id, span_id, parent_id, _sampled = span.place
        attributes = dict(span.attributes) | ({"error.type": span.error} if span.error else {})
        return ReadableSpan(
            name=span.name,
            context=_context(trace_id, span_id),
            parent=_context(trace_id, parent_id) if parent_id else None,
            resource=self._resource,
            attributes=attributes,
            kind=KINDS[span.kind],
            status=Status(StatusCode.ERROR if span.error else StatusCode.UNSET),
            start_time=span.start_ns,
            end_time=span.end_ns,
            instrumentation_scope=self._scope,
        )


def _context(trace_id: int, span_id: int) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
