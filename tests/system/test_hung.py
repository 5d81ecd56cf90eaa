"""A process that hangs is found out and replaced; who asked it meanwhile is let go, and the others are served."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import psutil
import pytest

from tests.system.house import PATIENCE_S, House, client, until

HUNG_S = 2
SOON = {"TULOU_HOUSE__HUNG_S": str(HUNG_S), "TULOU_HOUSE__CONTROL_HUNG_S": "3"}
ASKED = 24


@pytest.fixture(scope="module")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("hung"), "--no-demo", environment=SOON) as started:
        until(lambda: started.standing["ready"], what="a house that is ready")
        until(lambda: set(asked(started, "/v1/models")) == {"200"}, what="gateways that both know the key")
        yield started


def events(house: House, name: str) -> list[dict[str, Any]]:
    """Return what the supervisor has logged under a name."""
    lines = (house.directory / "log" / "supervisor.log").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == name]


def asked(house: House, path: str) -> list[str]:
    """Ask on so many connections at once; return what came of each. None of them may be left without an end."""

    def one(_: int) -> str:
        try:
            with client(house.url, house.key, timeout=PATIENCE_S) as http:
                return str(http.get(path).status_code)
        except (httpx2.NetworkError, httpx2.ProtocolError):
            return "let go"

    with ThreadPoolExecutor(ASKED) as pool:
        return list(pool.map(one, range(ASKED)))


def test_a_gateway_that_hangs_is_replaced_and_nobody_waits_for_it_for_ever(empty_house: House) -> None:
    victim = empty_house.gateways()[0]
    victim.suspend()

    came = asked(empty_house, "/v1/models")

    assert set(came) <= {"200", "let go"}
    assert came.count("200") > 0
    until(lambda: victim.pid not in {each.pid for each in empty_house.gateways()}, what="its end")
    until(lambda: len(empty_house.gateways()) == 2, what="another in its place")
    until(lambda: set(asked(empty_house, "/v1/models")) == {"200"}, what="answers from both")
    assert [event["state"] for event in events(empty_house, "process_hung")] == ["stopped"]


def test_control_that_hangs_is_replaced_and_the_administration_waits_for_the_next(empty_house: House) -> None:
    victim = empty_house.control()
    victim.suspend()

    came = asked(empty_house, "/v1/models")

    assert set(came) == {"200"}
    until(lambda: not victim.is_running(), what="its end")
    with empty_house.client() as http:
        until(lambda: http.get("/api/v1/keys").status_code == 200, what="administration")


def test_a_supervisor_that_was_stopped_with_its_house_holds_that_against_nobody(empty_house: House) -> None:
    before = {each.pid for each in empty_house.gateways()}
    hung = len(events(empty_house, "process_hung"))
    stopped = [*empty_house.gateways(), psutil.Process(empty_house.standing["pid"])]
    for process in stopped:
        process.suspend()
    late = len(events(empty_house, "supervisor_was_late"))
    away = threading.Event()
    try:
        away.wait(2 * HUNG_S)  # nothing happens in a house that stands still, so there is nothing else to wait for
    finally:
        for process in stopped:
            process.resume()

    until(lambda: len(events(empty_house, "supervisor_was_late")) > late, what="the supervisor awake")
    until(lambda: set(asked(empty_house, "/v1/models")) == {"200"}, what="answers")
    assert {each.pid for each in empty_house.gateways()} == before
    assert len(events(empty_house, "process_hung")) == hung
