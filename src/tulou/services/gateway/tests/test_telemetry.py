"""What the gate tells of itself: metrics of all its processes, a log line a request, spans."""

import os
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Send

from tulou.chassis.telemetry.exposition import merge
from tulou.chassis.telemetry.metrics import metrics_text
from tulou.chassis.telemetry.traces import SpanRecord
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.telemetry.access import AccessLog
from tulou.services.gateway.telemetry.caps import SeriesCaps
from tulou.services.gateway.telemetry.counters import GatewayCounters
from tulou.services.gateway.tests.gate import AUTH, gate, grant, question, snapshot, target
from tulou.services.gateway.tests.lines import line
from tulou.services.gateway.tests.upstream import Seen, reply, upstream
from tulou.testing.eventually import eventually


async def test_metrics_show_every_fresh_process_of_the_host(tmp_path: Path) -> None:
    folder = tmp_path / "run" / "metrics"
    folder.mkdir(parents=True)
    (folder / "gateway-1.prom").write_text('# HELP a_total A.\n# TYPE a_total counter\na_total{x="1"} 2.0\nb 1.0\n')
    (folder / "gateway-2.prom").write_text("old_total 1.0\n")
    os.utime(folder / "gateway-2.prom", (1, 1))
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        await gateway.chat()
        text = (await gateway.http.get("/metrics")).text
        assert 'a_total{process="gateway-1",x="1"} 2.0' in text
        assert 'b{process="gateway-1"} 1.0' in text
        assert "old_total" not in text
        families = {family.name: family for family in text_string_to_metric_families(text)}
        sample = families["tulou_gateway_requests"].samples[0]
        assert sample.labels == {
            "process": "gateway-0", "tenant": "default", "model": "tiny", "endpoint": "chat", "status_class": "2xx"
        }  # fmt: skip
        await eventually((folder / "gateway-0.prom").exists)
    assert not (folder / "gateway-0.prom").exists()


def test_a_family_of_several_processes_is_described_once() -> None:
    texts: dict[str, str] = {}
    for process in ("one", "two"):
        registry = CollectorRegistry()
        Counter("c", "Words.", ["a"], registry=registry).labels("x").inc()
        texts[process] = metrics_text(registry)
    assert merge(texts).splitlines() == [
        "# HELP c_total Words.",
        "# TYPE c_total counter",
        'c_total{process="one",a="x"} 1.0',
        'c_total{process="two",a="x"} 1.0',
    ]


def answered(*asked: tuple[str, str], caps: SeriesCaps) -> dict[tuple[str, str], float]:
    """Return the requests counted by tenant and model, after these have been answered."""
    registry = CollectorRegistry()
    counters = GatewayCounters(registry, caps)
    for tenant, model in asked:
        counters.tally(tenant, model, "chat").by_class[2].inc()
    return {
        (sample.labels["tenant"], sample.labels["model"]): sample.value
        for sample in next(iter(counters.requests.collect())).samples
        if sample.value
    }


def test_models_beyond_the_cap_are_counted_together() -> None:
    asked = [("north", model) for model in ("a", "b", "c", "d")]
    assert answered(*asked, caps=SeriesCaps(models=2)) == {("north", "a"): 1, ("north", "b"): 1, ("north", "other"): 2}


def test_tenants_beyond_the_cap_are_counted_together_under_a_name_that_none_can_have() -> None:
    asked = [(tenant, "a") for tenant in ("north", "other", "south", "west", "north", "west")]
    assert answered(*asked, caps=SeriesCaps(tenants=2)) == {("north", "a"): 2, ("other", "a"): 1, ("~other", "a"): 3}


def test_where_there_are_too_many_series_tenants_are_left_out_and_models_are_not() -> None:
    asked = [(tenant, model) for tenant in ("north", "south") for model in ("a", "b", "c")]
    assert answered(*asked, *asked, caps=SeriesCaps(spots=4)) == {
        **{("north", model): 2 for model in ("a", "b", "c")},
        ("south", "a"): 2,
        **{("~other", model): 2 for model in ("b", "c")},
    }


def test_short_cuts_are_bounded_and_lead_to_the_same_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tulou.services.gateway.telemetry.counters.SHORT_CUTS", 10)
    counters = GatewayCounters(CollectorRegistry(), SeriesCaps(tenants=3))
    for number in (*range(100), *range(100)):
        counters.tally(f"tenant-{number}", "a", "chat").by_class[2].inc()
        assert len(counters._tallies) <= 11  # pyright: ignore[reportPrivateUsage]
    assert counters.tally("tenant-99", "a", "chat") is counters.tally("tenant-98", "a", "chat")
    assert counters.requests.labels("~other", "a", "chat", "2xx").value == 2 * 97


async def test_token_usage_and_durations_are_histograms_as_opentelemetry_names_them(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        await gateway.chat()
        await gateway.chat(stream=True)
        await gateway.chat(model="made-up-by-a-client")
        place = {"gen_ai_operation_name": "chat", "gen_ai_provider_name": "tulou", "gen_ai_request_model": "tiny"}
        prompt = {**place, "gen_ai_token_type": "input"}
        await eventually(lambda: gateway.value("gen_ai_client_token_usage_count", **prompt) == 2)
        assert gateway.value("gen_ai_client_token_usage_sum", **prompt) == 14
        assert gateway.value("gen_ai_client_token_usage_bucket", **prompt, le="4.0") == 0
        assert gateway.value("gen_ai_client_token_usage_bucket", **prompt, le="16.0") == 2
        assert gateway.value("gen_ai_client_token_usage_bucket", **prompt, le="67108864.0") == 2
        output = {**place, "gen_ai_token_type": "output"}
        assert gateway.value("gen_ai_client_token_usage_bucket", **output, le="4.0") == 2
        went_well = {**place, "error_type": ""}
        assert gateway.value("gen_ai_client_operation_duration_seconds_count", **went_well) == 2
        assert gateway.value("gen_ai_client_operation_duration_seconds_bucket", **went_well, le="81.92") == 2
        text = (await gateway.http.get("/metrics")).text
        families = {family.name: family.type for family in text_string_to_metric_families(text)}
        assert families["gen_ai_client_token_usage"] == "histogram"
        assert "made-up" not in text


async def test_an_operation_that_fails_is_counted_apart(tmp_path: Path) -> None:
    async def broken(seen: Seen, send: Send) -> None:
        del seen
        await reply(send, 500, {})

    async with upstream(act=broken) as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        await gateway.chat()
        labels = {
            "gen_ai_operation_name": "chat",
            "gen_ai_provider_name": "tulou",
            "gen_ai_request_model": "tiny",
            "error_type": "502",
        }
        name = "gen_ai_client_operation_duration_seconds_count"
        await eventually(lambda: gateway.value(name, **labels) == 1)
        assert gateway.value(name, **(labels | {"error_type": ""})) == 0


async def test_unknown_models_make_no_series(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot()) as gateway:
        await gateway.chat(model="made-up-by-a-client")
        assert "made-up" not in (await gateway.http.get("/metrics")).text
        labels = {"model": "unknown", "endpoint": "chat", "status_class": "4xx"}
        await eventually(lambda: gateway.value("tulou_gateway_requests_total", tenant="default", **labels) == 1)


async def test_who_was_refused_before_they_were_known_has_no_tenant(tmp_path: Path) -> None:
    async with gate(tmp_path, snapshot()) as gateway:
        await gateway.http.post("/v1/chat/completions", json=question())
        labels = {"tenant": "~unknown", "model": "unknown", "endpoint": "chat", "status_class": "4xx"}
        await eventually(lambda: gateway.value("tulou_gateway_requests_total", **labels) == 1)


async def test_requests_and_tokens_are_counted_by_tenant(tmp_path: Path) -> None:
    grants = (grant(), grant("sk-tulou-south", key="key_2", tenant="south"))
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()), grants=grants)) as gateway:
        await gateway.chat()
        for _ in range(2):
            headers = {"authorization": "Bearer sk-tulou-south"}
            await gateway.http.post("/v1/chat/completions", json=question(), headers=headers)
        for tenant, times in (("default", 1), ("south", 2)):
            answered = {"tenant": tenant, "model": "tiny", "endpoint": "chat", "status_class": "2xx"}
            tokens = {"tenant": tenant, "model": "tiny", "direction": "output"}
            await eventually(
                lambda labels=answered, times=times: gateway.value("tulou_gateway_requests_total", **labels) == times
            )
            assert gateway.value("tulou_gateway_tokens_total", **tokens) == 3 * times


async def test_each_request_is_logged_once_without_what_was_said(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        await gateway.http.post(
            "/v1/chat/completions", json=question(user="secret-user"), headers={**AUTH, "x-request-id": "abc"}
        )
        file = tmp_path / "log" / "gateway-0-access.log"
        await eventually(lambda: file.exists() and file.stat().st_size > 0)
        logged = msgspec.json.decode(file.read_bytes())
        assert logged["event"] == "request_answered"
        assert (logged["request_id"], logged["key"], logged["model"]) == ("abc", "key_1", "tiny")
        assert (logged["status"], logged["units"]) == (200, {"input": 7, "output": 3})
        assert logged["ts"].endswith("Z")
        text = file.read_text()
        assert not any(word in text for word in ("hello", "secret-user", "sk-tulou"))


async def test_the_access_log_can_be_switched_off(tmp_path: Path) -> None:
    async with upstream() as one:
        async with gate(
            tmp_path, snapshot(target(one.replica())), settings=GatewaySettings(access_log=False)
        ) as gateway:
            await gateway.chat()
        assert not (tmp_path / "log").exists()


class FullDisk:
    def write(self, content: bytes) -> None:
        del content
        raise OSError(28, "No space left on device")

    def close(self) -> None: ...


def test_lines_that_find_no_room_are_counted() -> None:
    lost: list[int] = []
    log = AccessLog(FullDisk(), process="g", lost=lambda: lost.append(1), queue=2)
    for _ in range(3):
        log.add(line())
    assert len(lost) == 1
    log.flush()
    assert len(lost) == 3


async def test_a_trace_goes_on_through_the_gate_to_the_replica(tmp_path: Path) -> None:
    spans: list[SpanRecord] = []

    def export(batch: object) -> bool:
        spans.extend(batch)  # pyright: ignore[reportArgumentType, reportUnknownArgumentType] - a test's shorthand
        return True

    caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica())), export=export) as gateway:
        got = await gateway.http.post("/v1/chat/completions", json=question(), headers={**AUTH, "traceparent": caller})
        assert got.headers["traceparent"].split("-")[1] == caller.split("-")[1]
        assert one.seen[0].headers[b"traceparent"].decode() == got.headers["traceparent"]
        await eventually(lambda: len(gateway.service.tracing._spans) == 2)  # pyright: ignore[reportPrivateUsage]
        await gateway.service.tracing.flush()
    attempt, request = spans
    assert (attempt.kind, request.kind) == ("client", "server")
    assert attempt.place.parent_id == request.place.span_id
    assert f"{request.place.parent_id:016x}" == "b7ad6b7169203331"
    assert request.name == "chat tiny"
    assert request.attributes["gen_ai.usage.output_tokens"] == 3


async def test_without_export_a_traceparent_passes_through_untouched(tmp_path: Path) -> None:
    caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        await gateway.http.post("/v1/chat/completions", json=question(), headers={**AUTH, "traceparent": caller})
        assert one.seen[0].headers[b"traceparent"].decode() == caller
