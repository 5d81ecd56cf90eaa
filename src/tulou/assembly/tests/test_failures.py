"""Of a process that cannot start one line says why, and what to do."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tulou.assembly.failures import relayed, start_failure
from tulou.kernel.errors import ConflictError, InvalidError, TulouError, UnavailableError


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("code", "printed", "kind", "words"),
    [
        (5, "tulou: port 1 is taken", ConflictError, "control cannot start: port 1 is taken"),
        (6, "noise\ntulou: no database; start it", UnavailableError, "control cannot start: no database; start it"),
        (1, "Traceback\nOSError: [Errno 24] Too many open files", UnavailableError, "`ulimit -n`"),
        (1, "Traceback\nKeyError: 'x'", UnavailableError, "KeyError: 'x'; all it said is in"),
        (-9, "", UnavailableError, "ended by signal 9 while it started; is there enough memory?"),
        (1, "", UnavailableError, "control ended with 1 and said nothing"),
    ],
)
def test_a_failed_start_is_told_in_one_line(
    code: int, printed: str, kind: type[TulouError], words: str, tmp_path: Path
) -> None:
    error = start_failure("control", code, printed, tmp_path / "control.out")

    assert type(error) is kind
    assert words in str(error)
    assert "\n" not in str(error)


def test_a_process_that_had_no_room_for_its_words_is_told_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Usage(100, 100, 0)

    def usage(_: Path) -> Usage:
        return full

    monkeypatch.setattr(shutil, "disk_usage", usage)

    assert f"no space is left in {tmp_path}" in str(start_failure("control", 1, "", tmp_path / "control.out"))


def test_what_another_tulou_ended_with_keeps_its_kind_and_words() -> None:
    error = relayed(2, "warning: something\ntulou: control cannot start: [house] has no setting 'x'\n")

    assert type(error) is InvalidError
    assert str(error) == "control cannot start: [house] has no setting 'x'"
    assert "ended with 1" in str(relayed(1, ""))
