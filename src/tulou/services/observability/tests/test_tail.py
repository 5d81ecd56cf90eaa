"""The last lines of the logs, however large those are."""

import json
from pathlib import Path

import pytest

from tulou.contracts.observability.messages import ReadLogs
from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.services.observability.service import ObservabilityService
from tulou.services.observability.tail import LogSearch, last_lines
from tulou.services.observability.tests.reporting import observability
from tulou.testing.clock import ManualClock


@pytest.fixture
def service(tmp_path: Path) -> ObservabilityService:
    (tmp_path / "log").mkdir()
    return observability(ManualClock(), tmp_path)


def write(directory: Path, name: str, *events: tuple[int, str], request_id: str = "") -> None:
    lines = [
        json.dumps({"ts": f"2026-01-01T00:{at:06.3f}Z", "event": event, "request_id": request_id})
        for at, event in events
    ]
    with (directory / "log" / name).open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def events(lines: tuple[str, ...]) -> list[str]:
    return [json.loads(line)["event"] for line in lines]


async def test_logs_of_all_processes_are_merged_by_time(service: ObservabilityService, tmp_path: Path) -> None:
    write(tmp_path, "control.log", (1, "a"), (3, "c"))
    write(tmp_path, "gateway-0.log", (2, "b"), (4, "d"))
    read = await service.logs(ReadLogs(lines=3))
    assert events(read.lines) == ["b", "c", "d"]
    assert read.processes == ("control", "gateway-0")
    assert events((await service.logs(ReadLogs(process="control"))).lines) == ["a", "c"]


async def test_one_request_is_followed_through_all_processes(service: ObservabilityService, tmp_path: Path) -> None:
    write(tmp_path, "gateway-0.log", (1, "admitted"), request_id="req_1")
    write(tmp_path, "gateway-0.log", (2, "mentions req_1"), request_id="req_2")
    write(tmp_path, "replica.log", (3, "answered"), request_id="req_1")
    assert events((await service.logs(ReadLogs(request_id="req_1"))).lines) == ["admitted", "answered"]


async def test_reading_goes_on_into_files_that_were_turned_over(service: ObservabilityService, tmp_path: Path) -> None:
    write(tmp_path, "control.log.2", (1, "a"))
    write(tmp_path, "control.log.1", (2, "b"))
    write(tmp_path, "control.log", (3, "c"))
    assert events((await service.logs(ReadLogs())).lines) == ["a", "b", "c"]


async def test_lines_that_are_no_events_keep_their_place(service: ObservabilityService, tmp_path: Path) -> None:
    write(tmp_path, "worker.log", (1, "a"))
    with (tmp_path / "log" / "worker.log").open("a") as file:
        file.write("Segmentation fault\n\n")
    write(tmp_path, "worker.log", (3, "c"))
    write(tmp_path, "control.log", (2, "b"))
    assert events((await service.logs(ReadLogs())).lines) == ["a", "b", "Segmentation fault", "c"]


@pytest.mark.parametrize("name", ["ghost", "../secrets/key", "control.log"])
async def test_only_processes_that_have_logs_can_be_asked_for(
    service: ObservabilityService, tmp_path: Path, name: str
) -> None:
    write(tmp_path, "control.log", (1, "a"))
    with pytest.raises(NotFoundError, match="these have: control"):
        await service.logs(ReadLogs(process=name))


async def test_a_house_without_logs_has_none(tmp_path: Path) -> None:
    assert (await observability(ManualClock(), tmp_path / "new").logs(ReadLogs())).lines == ()


async def test_too_many_lines_are_refused(service: ObservabilityService) -> None:
    with pytest.raises(InvalidError, match="from 1 to 2000"):
        await service.logs(ReadLogs(lines=2001))


def test_long_files_are_read_from_the_end_across_blocks_and_only_so_far(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    pad = "x" * 5000
    write(tmp_path, "control.log", *((0, f"{number} {pad}") for number in range(100)))
    everything = last_lines(tmp_path / "log", ["control"], LogSearch(lines=1000, scan_bytes=10**9))
    assert [int(json.loads(line)["event"].split()[0]) for line in everything] == list(range(100))
    size = (tmp_path / "log" / "control.log").stat().st_size
    part = last_lines(tmp_path / "log", ["control"], LogSearch(lines=1000, scan_bytes=size // 10 + 100))
    assert part == everything[-10:]
    assert last_lines(tmp_path / "log", ["control"], LogSearch(lines=2, scan_bytes=10**9)) == everything[-2:]
