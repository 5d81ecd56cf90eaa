"""Spans reach a collector, and cost nothing when there is none."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tulou.chassis.telemetry.otlp import OtlpExport
from tulou.chassis.telemetry.traces import SpanRecord, Trace, Tracing, parse_traceparent
from tulou.chassis.telemetry.tracing import TracingSettings, open_tracing
from tulou.kernel.errors import InvalidError

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector(ThreadingHTTPServer):
    """A little OTLP/HTTP collector."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.requests: list[tuple[str, ExportTraceServiceRequest]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Take(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        assert isinstance(self.server, Collector)
        self.server.requests.append((self.path, ExportTraceServiceRequest.FromString(body)))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def span(place: Trace, *, error: str = "") -> SpanRecord:
    return SpanRecord("chat tiny", place, "server", 1_000, 2_000, error, {"gen_ai.request.model": "tiny", "n": 3})


async def test_spans_arrive_at_a_collector_as_opentelemetry_writes_them(collector: Collector) -> None:
    export = OtlpExport(collector.url, house="home", process="gateway-0", version="1.2")
    tracing = Tracing(export)
    outer = tracing.begin(CALLER)
    tracing.record(span(outer))
    tracing.record(span(outer.child(), error="timeout"))
    await tracing.flush()
    export.close()
    [(path, request)] = collector.requests
    [resource] = request.resource_spans
    names = {item.key: item.value.string_value for item in resource.resource.attributes}
    server, failed = resource.scope_spans[0].spans
    assert path == "/v1/traces"
    assert (names["service.name"], names["service.instance.id"]) == ("tulou", "gateway-0")
    assert server.trace_id.hex() == failed.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert server.parent_span_id.hex() == "b7ad6b7169203331"
    assert failed.parent_span_id == server.span_id
    assert (server.name, server.start_time_unix_nano, server.end_time_unix_nano) == ("chat tiny", 1_000, 2_000)
    assert {item.key for item in failed.attributes} == {"gen_ai.request.model", "n", "error.type"}
    assert (server.status.code, failed.status.code) == (0, 2)


async def test_a_process_with_an_endpoint_exports_what_is_left_when_it_ends(collector: Collector) -> None:
    settings = TracingSettings(endpoint=collector.url)
    async with open_tracing(settings, house="home", process="gateway-0", version="1") as tracing:
        tracing.record(span(tracing.begin()))
    assert [path for path, _ in collector.requests] == ["/v1/traces"]


async def test_without_an_endpoint_tracing_is_off_and_a_wrong_one_is_refused() -> None:
    async with open_tracing(TracingSettings(), house="home", process="gateway-0", version="1") as tracing:
        assert not tracing.enabled
    with pytest.raises(InvalidError, match="no http:// or https:// URL"):
        async with open_tracing(TracingSettings(endpoint="collector:4318"), house="", process="", version=""):
            pass


async def test_spans_are_sent_again_and_again_until_cancelled() -> None:
    arrived: asyncio.Queue[int] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def export(spans: Sequence[SpanRecord]) -> bool:
        loop.call_soon_threadsafe(arrived.put_nowait, len(spans))
        return True

    tracing = Tracing(export)
    task = asyncio.create_task(tracing.export_forever(every_s=0.001))
    for _ in range(2):
        tracing.record(span(tracing.begin()))
        async with asyncio.timeout(60):
            assert await arrived.get() == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_spans_that_find_no_room_or_no_collector_are_counted_and_given_up() -> None:
    tracing = Tracing(lambda _spans: False, capacity=2)
    for _ in range(3):
        tracing.record(span(tracing.begin()))
    assert tracing.lost == 1
    await tracing.flush()
    assert tracing.lost == 3


def test_tracing_that_is_off_keeps_nothing_but_carries_the_callers_trace_on() -> None:
    tracing = Tracing()
    place = tracing.begin(CALLER)
    tracing.record(span(place))
    assert place.header().startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert not tracing.begin().sampled


def test_the_callers_decision_to_sample_is_kept() -> None:
    tracing = Tracing(lambda _spans: True, sample=0.0)
    assert tracing.begin(CALLER).sampled
    assert not tracing.begin(CALLER[:-2] + "00").sampled
    assert not tracing.begin().sampled


def test_a_header_is_read_as_the_recommendation_says() -> None:
    place = parse_traceparent(CALLER)
    assert place is not None
    assert place.header() == CALLER
    assert parse_traceparent("cc" + CALLER[2:] + "-what-the-future-will-be-like") is not None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "garbage",
        CALLER[:-1],
        CALLER.upper(),
        f"{CALLER}-extra",
        f"ff{CALLER[2:]}",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319z-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c8031 9-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c803_9c-b7ad6b7169203331-01",
    ],
)
def test_a_malformed_header_is_as_none(header: str) -> None:
    assert parse_traceparent(header) is None
