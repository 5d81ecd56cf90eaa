"""The doctor looks at every port."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

import msgspec
import pytest

from tulou.assembly.owner import ADMIN_KEY
from tulou.assembly.running import RunningHouse, standing_file
from tulou.assembly.settings import PortSettings
from tulou.cli.doctor import doctor
from tulou.cli.options import Options


def looked(directory: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    """Return grade and advice of each check."""
    doctor(options=Options(json=True, dir=directory))
    return {each["check"]: (each["grade"], each["advice"]) for each in json.loads(capsys.readouterr().out)}


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TULOU_HOUSE__DIRECTORY", "")  # the doctor sets it, and this takes it back


def test_every_port_is_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = looked(tmp_path, capsys)

    assert all(found[f"port {port.name}"] == ("ok", "") for port in fields(PortSettings))


def test_a_limit_of_open_files_that_is_too_low_for_the_connections_is_told_with_both_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tulou.cli.doctor.raise_descriptors", lambda: 1024)
    grade, advice = looked(tmp_path, capsys)["open files"]
    assert grade == "warning"
    assert "1024 may be open" in advice
    assert "619 connections" in advice
    monkeypatch.setenv("TULOU_GATEWAY__CONNECTIONS", "500")
    assert looked(tmp_path, capsys)["open files"] == ("ok", "")


ELSEWHERE = {
    "database": "postgresql://tulou:hush@127.0.0.1:1/tulou",
    "blobs": "s3://models?endpoint=http://127.0.0.1:1",
    "cache": "redis://:hush@127.0.0.1:1/0",
    "events": "redis://:hush@127.0.0.1:1/0",
    "allowances": "rediss://:hush@127.0.0.1:1/0",
    "master_key": "https://127.0.0.1:1/transit/tulou",
}


@pytest.mark.parametrize("port", ELSEWHERE)
def test_what_is_elsewhere_and_does_not_answer_is_an_error_that_tells_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    monkeypatch.setenv(f"TULOU_PORTS__{port.upper()}", ELSEWHERE[port])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "one")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")

    grade, advice = looked(tmp_path, capsys)[f"port {port}"]

    assert grade == "error"
    assert "127.0.0.1" in advice or "models" in advice
    assert "hush" not in advice


def test_what_is_elsewhere_and_answers_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis_that_knows_nothing() as url:
        for port in ("cache", "events", "allowances"):
            monkeypatch.setenv(f"TULOU_PORTS__{port.upper()}", url)
        found = looked(tmp_path, capsys)
    assert [found[f"port {port}"] for port in ("cache", "events", "allowances")] == [("ok", "")] * 3


@contextmanager
def redis_that_knows_nothing() -> Generator[str]:
    """Serve as much of Redis as a client needs to find nothing under a key."""

    class Answers(StreamRequestHandler):
        def handle(self) -> None:
            while (line := self.rfile.readline()).startswith(b"*"):
                words = [self.rfile.readline() and self.rfile.readline().strip() for _ in range(int(line[1:]))]
                self.wfile.write(b"$-1\r\n" if words[0].upper() == b"GET" else b"+OK\r\n")

    with ThreadingTCPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"redis://127.0.0.1:{server.server_address[1]}/0?protocol=2"
        finally:
            server.shutdown()
            thread.join()


def test_a_store_of_limits_that_no_adapter_has_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TULOU_PORTS__ALLOWANCES", "memory://")

    grade, advice = looked(tmp_path, capsys)["port allowances"]

    assert grade == "error"
    assert "[ports] allowances = 'memory://': no adapter for 'memory'" in advice


@pytest.mark.parametrize(
    ("lines", "advice"),
    [
        ('[remotes]\nregistry = "http://127.0.0.1:9001"', "set [house] control_url"),
        ('[remotes]\nregistry = "http://127.0.0.1:9001"', "[ports] events = redis://"),
        (
            '[remotes]\nregistry = "http://10.0.0.7:9001"',
            "database is on this machine's disk, but services are at 10.0",
        ),
        ('[remotes]\nregistri = "http://127.0.0.1:9001"', "did you mean 'registry'"),
        ('[ports]\nsecrets = "env://HOUSE_"', "secrets can only be read"),
    ],
)
def test_what_a_split_house_would_stumble_over_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lines: str, advice: str
) -> None:
    file = tmp_path / "tulou.toml"
    file.write_text(lines)
    monkeypatch.setenv("TULOU_CONFIG", str(file))

    doctor(options=Options(json=True, dir=tmp_path / "var"))

    assert any(advice in found["advice"] for found in json.loads(capsys.readouterr().out))


@pytest.mark.parametrize(
    ("status", "answer", "grade", "advice"),
    [
        (200, {"waiting": 0}, "ok", ""),
        (200, {"waiting": 3}, "warning", "`tulou usage quarantine`"),
        (403, {"error": {"code": "forbidden", "message": "not yours"}}, "warning", "not yours"),
    ],
)
def test_what_is_on_no_bill_is_told_of(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    status: int,
    answer: dict[str, object],
    grade: str,
    advice: str,
) -> None:
    (tmp_path / "secrets").mkdir()
    key = tmp_path / "secrets" / ADMIN_KEY
    key.write_text("sk-tulou-any")
    key.chmod(0o600)
    with house_that_answers(status, answer) as url:
        standing_file(tmp_path).parent.mkdir()
        standing = RunningHouse(name="t", pid=1, gate_url=url, control_url=url, started_at=0.0, gateways=1)
        standing_file(tmp_path).write_bytes(msgspec.json.encode(standing))
        said = looked(tmp_path, capsys)["ledger"]
    assert said[0] == grade
    assert advice in said[1]


def test_what_metering_would_not_take_is_told_of_though_the_house_is_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ledger").mkdir()
    refused = tmp_path / "ledger" / "refused.jsonl"
    refused.write_bytes(b"")
    assert "ledger" not in looked(tmp_path, capsys)
    refused.write_bytes(b"{}\n")
    assert looked(tmp_path, capsys)["ledger"][0] == "warning"


@contextmanager
def house_that_answers(status: int, answer: dict[str, object]) -> Generator[str]:
    """Serve one answer to everybody."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = msgspec.json.encode(answer)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
