"""What is logged, where it goes and what never gets there."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from tulou.chassis.telemetry.logs import Logs, open_logs
from tulou.kernel.context import CONTEXT, Context

KEY = "sk-tulou-abcdefghijklmnop"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Logs]:
    opened = open_logs(tmp_path, process="gateway-0", console=None)
    yield opened
    opened.close()


def written(logs: Logs, directory: Path) -> list[dict[str, Any]]:
    logs.close()
    return [json.loads(line) for line in (directory / "gateway-0.log").read_text().splitlines()]


def test_an_event_is_one_line_of_json_with_its_circumstances(logs: Logs, tmp_path: Path) -> None:
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    token = CONTEXT.set(Context(request_id="req_1", traceparent=traceparent))
    structlog.get_logger().info("replica_started", replica="r1", took_ms=812)
    CONTEXT.reset(token)
    [event] = written(logs, tmp_path)
    assert list(event)[:4] == ["ts", "level", "event", "process"]
    assert event.pop("ts").endswith("Z")
    assert event == {
        "level": "info",
        "event": "replica_started",
        "process": "gateway-0",
        "replica": "r1",
        "took_ms": 812,
        "request_id": "req_1",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
    }


def test_what_libraries_log_and_warn_of_goes_the_same_way(logs: Logs, tmp_path: Path) -> None:
    logging.getLogger("websockets").warning("lost %s", "a socket")
    logging.getLogger("httpx2").info("GET /?key=%s", KEY)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("this goes away", UserWarning, stacklevel=1)
    lost, warned = written(logs, tmp_path)
    assert (lost["event"], lost["level"], lost["logger"]) == ("lost a socket", "warning", "websockets")
    assert "this goes away" in warned["event"]


def test_an_exception_is_kept_with_its_trace_but_not_with_its_secrets(logs: Logs, tmp_path: Path) -> None:
    try:
        int(KEY)
    except ValueError:
        structlog.get_logger().exception("call_failed")
        logging.getLogger("some.library").exception("it broke")
    for event in written(logs, tmp_path):
        assert "Traceback" in event["exception"]
        assert "'sk-***'" in event["exception"]


def test_debug_is_left_out_unless_asked_for(tmp_path: Path) -> None:
    for level, lines in (("info", 0), ("debug", 1)):
        opened = open_logs(tmp_path / level, process="gateway-0", level=level, console=None)
        structlog.get_logger().debug("detail_seen")
        assert len(written(opened, tmp_path / level) if lines else []) == lines
        opened.close()


def test_a_person_at_a_terminal_reads_short_lines_and_a_pipe_reads_none(tmp_path: Path) -> None:
    terminal, pipe = Terminal(), io.StringIO()
    for console in (terminal, pipe):
        opened = open_logs(tmp_path, process="gateway-0", console=console)
        structlog.get_logger().warning("breaker_opened", replica="r1")
        opened.close()
    assert terminal.getvalue().split(" ", 1)[1] == "warning breaker_opened replica=r1\n"
    assert pipe.getvalue() == ""


def test_what_cannot_be_encoded_is_logged_as_its_words(logs: Logs, tmp_path: Path) -> None:
    structlog.get_logger().info("seen", path=tmp_path, kinds={1: (b"x", {"deep": [object]})})
    [event] = written(logs, tmp_path)
    assert event["path"] == str(tmp_path)
