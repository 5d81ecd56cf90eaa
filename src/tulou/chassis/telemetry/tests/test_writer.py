"""Log files are bounded, and a log that cannot be written never stops the work."""

import json
import resource
import threading
from pathlib import Path

import pytest

from tulou.chassis.telemetry.writer import QUEUE_LINES, LogWriter, TurningFile


def test_files_turn_over_and_the_oldest_goes(tmp_path: Path) -> None:
    file = TurningFile(tmp_path / "log" / "control.log", file_bytes=10, files=3)
    for number in range(5):
        file.write(b"line %d\n" % number)
    file.close()
    found = {path.name: path.read_text() for path in (tmp_path / "log").iterdir()}
    assert found == {"control.log": "line 4\n", "control.log.1": "line 3\n", "control.log.2": "line 2\n"}


def test_a_file_that_was_there_before_is_continued(tmp_path: Path) -> None:
    for text in (b"first\n", b"second\n"):
        file = TurningFile(tmp_path / "control.log", file_bytes=100)
        file.write(text)
        file.close()
    assert (tmp_path / "control.log").read_text() == "first\nsecond\n"


def test_lines_of_many_threads_stay_whole(tmp_path: Path) -> None:
    writer = LogWriter(TurningFile(tmp_path / "x.log"))
    lines = [json.dumps({"n": number, "pad": "x" * 300}).encode() for number in range(200)]
    threads = [threading.Thread(target=lambda: [writer.put(line, "") for line in lines]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    read = (tmp_path / "x.log").read_bytes().splitlines()
    assert sorted(read) == sorted(lines * 4)


class Stuck(TurningFile):
    """A disk that takes nothing until it is let go."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.reached, self.go = threading.Event(), threading.Event()

    def write(self, content: bytes) -> None:
        self.reached.set()
        assert self.go.wait(30)
        super().write(content)


def test_a_stuck_disk_holds_nobody_up_and_the_lines_lost_are_counted(tmp_path: Path) -> None:
    file = Stuck(tmp_path / "x.log")
    writer = LogWriter(file)
    writer.put(b"{}", "")
    assert file.reached.wait(30)
    for _ in range(QUEUE_LINES + 7):
        writer.put(b"{}", "")
    file.go.set()
    writer.close()
    *lines, last = (tmp_path / "x.log").read_text().splitlines()
    lost = [line for line in [*lines, last] if "log_lines_lost" in line]
    assert [json.loads(line)["lines"] for line in lost] == [7]
    assert len(lines) == QUEUE_LINES + 1


def test_a_disk_that_refuses_is_told_once_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log").write_text("a file where the folder should be")
    writer = LogWriter(TurningFile(tmp_path / "log" / "x.log"))
    for _ in range(3):
        writer.put(b"{}", "")
    writer.close()
    assert capsys.readouterr().err.count("log lines are being lost") == 1


def test_of_what_a_full_disk_refuses_nothing_is_left_and_all_is_counted(tmp_path: Path) -> None:
    file = TurningFile(tmp_path / "x.log")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    file.write(b"first\n" * 10)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
        with pytest.raises(OSError, match="File too large"):
            file.write(b"second\n" * 10)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    file.write(b"third\n" * 10)
    file.close()
    assert (tmp_path / "x.log").read_bytes() == b"first\n" * 10 + b"third\n" * 10
