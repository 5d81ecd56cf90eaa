"""Observability over REST, on a real server's application."""

import json
from pathlib import Path

from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from tulou.services.observability.component import COMPONENT
from tulou.services.observability.tests.reporting import Gateway, observability
from tulou.testing.clock import ManualClock


def client(directory: Path) -> tuple[TestClient, ManualClock]:
    clock = ManualClock()
    service = observability(clock, directory)
    app = FastAPI()
    assert COMPONENT.routes is not None
    app.include_router(COMPONENT.routes(service))

    @app.post("/tick")
    async def tick() -> None:  # pyright: ignore[reportUnusedFunction] - a route
        clock.advance(1)
        await service.report(gateway.report())

    gateway = Gateway()
    gateway.answer()
    return TestClient(app), clock


def test_the_overview_is_json(tmp_path: Path) -> None:
    http, clock = client(tmp_path)
    for _ in range(3):
        http.post("/tick")
    clock.advance(1)
    overview = http.get("/api/v1/overview", params={"seconds": 30}).json()
    assert set(overview) == {"at", "points", "models", "processes"}
    assert overview["processes"][0]["source"] == "gateway-0"
    assert overview["points"][0]["p50_ms"] is None


def test_metrics_are_prometheus_text(tmp_path: Path) -> None:
    http, _clock = client(tmp_path)
    http.post("/tick")
    reply = http.get("/api/v1/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert list(text_string_to_metric_families(reply.text))


def test_logs_are_lines_of_json(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "control.log").write_text(json.dumps({"ts": "2026", "event": "started"}) + "\n")
    http, _clock = client(tmp_path)
    reply = http.get("/api/v1/logs", params={"process": "control", "lines": 5}).json()
    assert [json.loads(line)["event"] for line in reply["lines"]] == ["started"]
    assert reply["processes"] == ["control"]
